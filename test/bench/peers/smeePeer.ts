import { freePort } from "../../support/freePort.ts";
import { readByForwarding } from "./forwardingReader.ts";
import { type Peer, notInstalled } from "./peer.ts";
import { findInPeersFolder } from "./peersFolder.ts";
import { ServerProcess } from "./serverProcess.ts";

const files = {
  server: "smee.io/index.js",
  /** The server does not start without its page, which is there once it was built. */
  page: "smee.io/public/main.min.js",
  client: "node_modules/smee-client/bin/smee.js",
};

/** smee: the server of smee.io from its repository, without Redis, and its client as npm has it. */
export const smeePeer: Peer = {
  name: "smee",
  start: async () => {
    const found = findInPeersFolder(files);
    if (!found) {
      return notInstalled(
        'npm install --prefix "$ZCN_PEERS" smee-client',
        'git clone https://github.com/probot/smee.io "$ZCN_PEERS/smee.io"',
        'cd "$ZCN_PEERS/smee.io" && npm ci && npm run build',
      );
    }
    const port = await freePort();
    const server = new ServerProcess(process.execPath, [found.server], port, { PORT: String(port) });
    await server.start();
    const channel = "/a-channel";
    const clientFor = (target: number) => ({
      args: [found.client, "--url", `http://127.0.0.1:${port}${channel}`, "--target", `http://127.0.0.1:${target}/`],
      readyText: "Forwarding",
    });
    return {
      port,
      ingestPath: channel,
      read: async onEvent => readByForwarding(clientFor, onEvent),
      killAndRestart: async () => {
        await server.kill();
        await server.start();
      },
      stop: async () => server.kill(),
    };
  },
};
