import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { freePort } from "../../support/freePort.ts";
import { type Peer, notInstalled } from "./peer.ts";
import { ServerProcess } from "./serverProcess.ts";

const module = "/usr/lib/nginx/modules/ngx_nchan_module.so";
/** Nchan's own frame around a message, with which a reader can ask for what follows it. */
const subprotocol = "ws+meta.nchan";

/** nginx with Nchan, as Debian has it (libnginx-mod-nchan), with its buffer in memory. */
export const nchanPeer: Peer = {
  name: "nginx with Nchan",
  start: async () => {
    if (spawnSync("nginx", ["-v"]).status !== 0 || !existsSync(module)) {
      return notInstalled("apt-get install nginx libnginx-mod-nchan");
    }
    const folder = mkdtempSync(join(tmpdir(), "peers-nchan-"));
    const port = await freePort();
    const file = join(folder, "nginx.conf");
    writeFileSync(file, configuration(folder, port));
    const server = new ServerProcess("nginx", ["-p", folder, "-c", file], port);
    await server.start();
    let last = "";
    return {
      port,
      ingestPath: "/in/a-channel",
      read: async onEvent => {
        const query = last === "" ? "" : `?last_event_id=${encodeURIComponent(last)}`;
        const socket = new WebSocket(`ws://127.0.0.1:${port}/out/a-channel${query}`, subprotocol);
        socket.on("error", () => undefined);
        socket.on("message", data => {
          const text = Buffer.isBuffer(data) ? data.toString("latin1") : "";
          const end = text.indexOf("\n\n");
          last = /^id: (.*)$/m.exec(text.slice(0, end))?.[1] ?? last;
          onEvent({ body: text.slice(end + 2), headers: undefined });
        });
        await once(socket, "open");
        return { close: () => socket.terminate() };
      },
      killAndRestart: async () => {
        await server.kill();
        await server.start();
      },
      stop: async () => {
        await server.kill();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
};

function configuration(folder: string, port: number): string {
  return `
    daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
    load_module ${module};
    events { worker_connections 1024; }
    http {
      access_log off; nchan_shared_memory_size 256m;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      keepalive_requests 100000000;
      server {
        listen 127.0.0.1:${port};
        location ~ /in/([\\w-]+)$ { nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length 100000; nchan_message_timeout 1h; }
        location ~ /out/([\\w-]+)$ { nchan_subscriber websocket; nchan_channel_id $1; nchan_subscriber_first_message oldest; nchan_subscriber_last_message_id "$arg_last_event_id"; }
      }
    }`;
}
