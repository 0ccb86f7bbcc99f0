import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import * as v from "valibot";
import { parseJoinLink } from "../../../src/protocol/joinLink.ts";
import { channelCreatedSchema } from "../../../src/protocol/relayApi.ts";
import { type ChildServer, startChildServer } from "../../support/childServer.ts";
import { Document, codeIn } from "../../support/document.ts";
import { DocumentShell } from "../../support/documentShell.ts";
import { freePort } from "../../support/freePort.ts";
import { RelayReader } from "../../support/relayReader.ts";
import { post } from "../../support/testRelay.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { repositoryRoot } from "../../workbench/repository.ts";

const page = Document.read("docs/operate-a-relay.md");
const install = page.section("Install it on a server");

/** The public key of docs/relay-protocol.md, as an editor brings one. */
const publicKey = Document.read("docs/relay-protocol.md")
  .section("`POST /v1/channels`: make a channel")
  .blocks("json")[0];

/** What systemd does with the page's unit: as much of it as the page relies on. */
class PlayedSystemd {
  readonly #test: TestContext;
  readonly #unit: string;
  readonly #root: string;
  #service: ChildServer | undefined;

  constructor(test: TestContext, unit: string, root: string) {
    this.#test = test;
    this.#unit = unit;
    this.#root = root;
  }

  get log(): string {
    return this.#service?.log() ?? "";
  }

  /** Carries out the arguments of `systemctl`; gives what is wrong with them, if anything is. */
  async run(words: readonly string[]): Promise<string> {
    const [command = "", ...rest] = words.filter(word => word !== "--now");
    if (rest.join() !== "zcn-relay") return `no such unit: ${rest.join()}`;
    if (command === "enable" || command === "start") return this.#start();
    if (command === "stop") return this.#stop();
    if (command === "restart") return (await this.#stop()) || this.#start();
    return `no such command: ${command}`;
  }

  async #start(): Promise<string> {
    const [, script = ""] = /^ExecStart=\/usr\/bin\/node (?:--\S+ )*(\S+)$/m.exec(this.#unit) ?? [];
    const environment = this.#settings("Environment").map(setting => setting.split("=", 2) as [string, string]);
    for (const setting of this.#settings("LoadCredential")) {
      const [name = "", file = ""] = setting.split(":");
      mkdirSync(join(this.#root, "credentials"), { recursive: true });
      copyFileSync(file, join(this.#root, "credentials", name));
    }
    this.#service = await startChildServer(this.#test, script, [], Object.fromEntries(environment));
    return "";
  }

  async #stop(): Promise<string> {
    const code = await this.#service?.end("SIGTERM");
    return code === 0 ? "" : `ended with ${code ?? "a signal"}`;
  }

  #settings(name: string): string[] {
    const lines = this.#unit.split("\n").filter(line => line.startsWith(`${name}=`));
    const folders = { "%S": join(this.#root, "state"), "%d": join(this.#root, "credentials") };
    return lines.map(line =>
      Object.entries(folders).reduce(
        (text, [mark, folder]) => text.replaceAll(mark, folder),
        line.slice(name.length + 1),
      ),
    );
  }
}

/** A server of the page's kind: a folder for its root, systemd, and a shell of its administrator. */
class PlayedServer {
  readonly shell: DocumentShell;
  readonly systemd: PlayedSystemd;
  readonly url: string;
  readonly metricsUrl: string;

  private constructor(shell: DocumentShell, systemd: PlayedSystemd, ports: readonly [number, number]) {
    this.shell = shell;
    this.systemd = systemd;
    this.url = `http://127.0.0.1:${ports[0]}`;
    this.metricsUrl = `http://127.0.0.1:${ports[1]}`;
  }

  static async create(test: TestContext): Promise<PlayedServer> {
    const root = temporaryFolder(test);
    const ports = [await freePort(), await freePort()] as const;
    const here = {
      "npm run build -- --production": `node esbuild.js --production --into=${root}/build`,
      "dist/relay.js": `${root}/build/relay.js`,
      "relay.example.com:/tmp/": `${root}/tmp/`,
      "/tmp/relay.js": `${root}/tmp/relay.js`,
      "/opt/zcn-relay": `${root}/opt/zcn-relay`,
      "/etc/zcn-relay.key": `${root}/zcn-relay.key`,
      "/var/lib/private/zcn-relay": `${root}/state/zcn-relay`,
      "/backup/": `${root}/backup/`,
      "https://relay.example.com/v1": `http://127.0.0.1:${ports[0]}/v1`,
      "127.0.0.1:8080": `127.0.0.1:${ports[0]}`,
      "PORT=8080": `PORT=${ports[0]}`,
      "PORT=9464": `PORT=${ports[1]}`,
    };
    for (const folder of ["tmp", "backup", "state"]) mkdirSync(join(root, folder));
    const systemctl = await startSystemctl(test, async words => systemd.run(words));
    const commands = {
      // Packages are here already, and a test has no network.
      npm: 'test "$1" = ci',
      node: `exec "${process.execPath}" "$@"`,
      scp: 'exec cp "$@"',
      sudo: 'exec "$@"',
      systemctl: `answer=$(curl -s --data "$*" "${systemctl}"); test -z "$answer" || { echo "$answer" >&2; exit 1; }`,
    };
    const shell = new DocumentShell(test, { here, commands, folder: repositoryRoot });
    const systemd = new PlayedSystemd(test, shell.localised(install.block("ini")), root);
    return new PlayedServer(shell, systemd, ports);
  }

  async run(block: string | undefined): Promise<string> {
    const { code, stdout, stderr } = await this.shell.run(block ?? "");
    assert.equal(code, 0, `${block ?? ""}\n${stderr}`);
    return stdout;
  }

  path(name: string): string {
    return this.shell.localised(name);
  }
}

/** Where the shell's `systemctl` asks; gives the address. */
async function startSystemctl(test: TestContext, run: (words: readonly string[]) => Promise<string>): Promise<string> {
  const server = createServer((request, response) => {
    request.setEncoding("utf8").once("data", (words: string) => {
      void run(words.split(" ")).then(
        answer => response.end(answer),
        (error: unknown) => response.end(String(error)),
      );
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("docs/operate-a-relay.md, followed", () => {
  it("takes a relay from nothing to a service, watches it, backs it up and upgrades it", async test => {
    const server = await PlayedServer.create(test);
    const [build, place, start, tryIt] = install.blocks("sh");

    await test.test("builds it and puts it in place", async () => {
      await server.run(build);
      await server.run(place);
      assert.match(readFileSync(server.path("/etc/zcn-relay.key"), "utf8"), /^[0-9a-f]{48}\n$/);
      assert.deepEqual(JSON.parse(readFileSync(server.path("/opt/zcn-relay/package.json"), "utf8")), {
        type: "module",
      });
    });

    await test.test("starts it, and hears that it is ready", async () => {
      assert.equal(await server.run(start), '{"ready":true}');
    });

    await test.test(
      "is refused a channel for want of a public key, which says that the create key is right",
      async () => {
        assert.match(await server.run(tryIt), /"code":"PUBLIC_KEY_REQUIRED"/);
        const key = server.path("$(sudo cat /etc/zcn-relay.key)");
        const wrong = await server.run(server.path(tryIt ?? "").replace(key, "wrong"));
        assert.match(wrong, /"code":"WRONG_CREATE_KEY"/);
      },
    );

    const key = readFileSync(server.path("/etc/zcn-relay.key"), "utf8").trim();
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const made = await fetch(`${server.url}/v1/channels`, { method: "POST", headers, body: publicKey ?? "" });
    const channel = v.parse(channelCreatedSchema, await made.json());
    const ingest = `${server.url}/in/${channel.channel}`;

    await test.test("prints the link by which people join, with the key that the relay takes", async () => {
      const link = parseJoinLink(await server.run(page.section("Let people join").block("sh")));
      assert.deepEqual([link?.relay, link?.createKey], ["https://relay.example.com", key]);
    });

    await test.test("hands out addresses under its public address", () => {
      assert.equal(channel.ingestUrl, `https://relay.example.com/in/${channel.channel}`);
    });

    await test.test(
      "is watched as the page says: health, readiness, every metric, and a log without payloads",
      async () => {
        assert.equal(await post(ingest, "a secret payload"), 200);
        assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
        assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
        const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
        const names = page
          .section("Watch it")
          .rows()
          .flatMap(([cell]) => codeIn(cell));
        assert.ok(names.length > 10);
        for (const name of names) assert.match(metrics, new RegExp(`^# TYPE ${name} `, "m"));
        for (const line of server.systemd.log.trim().split("\n")) assert.doesNotThrow(() => JSON.parse(line), line);
        assert.ok(!server.systemd.log.includes("a secret payload") && !server.systemd.log.includes(channel.channel));
      },
    );

    await test.test("is backed up and is there again, and what came in before is in the backup", async () => {
      await server.run(page.section("Back it up").block("sh"));
      assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
      assert.equal(await post(ingest, "after the backup"), 200);
      const restored = await startChildServer(test, server.path("/opt/zcn-relay/relay.js"), [
        "--data-dir",
        join(dirname(server.path("/backup/zcn-relay")), "zcn-relay"),
      ]);
      const reader = await RelayReader.open(restored.url, channel);
      assert.equal((await reader.expect("hello")).newest, 1);
      await reader.close();
      assert.equal(await restored.end("SIGTERM"), 0);
    });

    await test.test("is upgraded by a restart that tells editors to come back, and keeps what it had", async () => {
      const reader = await RelayReader.open(server.url, channel);
      await reader.expect("hello");
      await server.run("sudo systemctl restart zcn-relay");
      assert.equal(await reader.closed(), 1012);
      const again = await RelayReader.open(server.url, channel);
      assert.equal((await again.expect("hello")).newest, 2);
      await again.close();
    });

    await test.test("takes a channel away by its read key", async () => {
      const own = { authorization: `Bearer ${channel.readKey}` };
      const answer = await fetch(`${server.url}/v1/channels/${channel.channel}`, { method: "DELETE", headers: own });
      assert.equal(answer.status, 204);
      assert.equal(await post(ingest, "too late"), 404);
    });
  });
});
