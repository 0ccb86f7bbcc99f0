/**
 * Stands in for a tunnel tool: `node fakeTool.ts <tool> [argument…]` prints what that tool prints, and really serves the
 * address that it names, for those who find it by `FAKE_TUNNEL_NAMES`: a folder with a file for each name that holds the
 * port on 127.0.0.1. With `FAKE_TUNNEL_SAYS` it prints that output instead, and ends with 1.
 */
import { writeFileSync } from "node:fs";
import { request as forward } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { networkCertificate } from "../companyNetwork/certificates.ts";
import { toolOutputs } from "./outputs.ts";

const [tool = "", ...args] = process.argv.slice(2);
const names = process.env["FAKE_TUNNEL_NAMES"] ?? "";
const instead = process.env["FAKE_TUNNEL_SAYS"];
const outputs: Readonly<Record<string, string>> = toolOutputs;

if (instead !== undefined) {
  print(outputs[instead] ?? "");
  process.exitCode = 1;
} else {
  serve();
}

function print(text: string): void {
  // cloudflared logs to stderr.
  (tool === "cloudflared" ? process.stderr : process.stdout).write(`${text}\n`);
}

function targetOf(): URL {
  const port = args[args.indexOf("--port-numbers") + 1] ?? "";
  const url = args.find(argument => argument.startsWith("http://")) ?? `http://127.0.0.1:${port}`;
  return new URL(url);
}

function serve(): void {
  const target = targetOf();
  const server = createServer(networkCertificate, (incoming, answer) => {
    const headers = { ...incoming.headers, "x-forwarded-proto": "https" };
    const { method, url: path } = incoming;
    const onward = forward({ host: target.hostname, port: target.port, method, path, headers });
    onward.on("response", response => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on("error", () => answer.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1", () => {
    const output = outputs[tool] ?? "";
    const host =
      /https:\/\/([a-z0-9.-]+\.(?:trycloudflare\.com|ngrok-free\.dev|devtunnels\.ms|ts\.net))(?![:\w.-])/.exec(
        output,
      )?.[1];
    writeFileSync(join(names, host ?? "unknown"), String((server.address() as AddressInfo).port));
    print(output);
  });
  process.on("SIGTERM", () => process.exit(0));
}
