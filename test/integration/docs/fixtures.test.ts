import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { runToExit } from "../../support/childServer.ts";
import { Document, codeIn } from "../../support/document.ts";
import { DocumentShell } from "../../support/documentShell.ts";
import { type RequestRecorder, recordRequests } from "../../support/requestRecorder.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const page = Document.read("docs/fixtures.md");
const script = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));
const fixture = page.section("Keep as a fixture").block("json");
const terminal = page.section("Send from a terminal, and in tests");

/** A folder with the page's fixture where its command looks for it, and a handler where it sends it. */
async function followed(
  test: TestContext,
  environment: Readonly<Record<string, string>>,
  status = 200,
): Promise<{ readonly shell: DocumentShell; readonly handler: RequestRecorder }> {
  const folder = temporaryFolder(test);
  mkdirSync(join(folder, "fixtures"));
  writeFileSync(join(folder, "fixtures", "deal.zoho-event.json"), fixture);
  const handler = await recordRequests(test, response => response.writeHead(status).end());
  const shell = new DocumentShell(test, {
    here: { "http://127.0.0.1:3000": handler.url },
    commands: { "zoho-crm-events": `exec "${process.execPath}" "${script}" "$@"` },
    folder,
    environment,
  });
  return { shell, handler };
}

describe("docs/fixtures.md, followed", () => {
  it("sends its fixture by its command, without white space, and with the token in its place", async test => {
    const { shell, handler } = await followed(test, { ZOHO_CHANNEL_TOKEN: "secret" });
    const { code, stdout, stderr } = await shell.run(terminal.block("sh"));
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^TAP version 14\n1\.\.1\nok 1 - .*Deals edit 6756839000000575405/);
    const [request] = handler.requests;
    assert.deepEqual([request?.method, request?.target], ["POST", "/hook"]);
    const sent: unknown = JSON.parse(request?.body.toString() ?? "");
    const { request: written } = JSON.parse(fixture) as { readonly request: { readonly json: object } };
    assert.deepEqual(sent, { ...written.json, token: "secret" });
    assert.doesNotMatch(request?.body.toString() ?? "", /\s/);
  });

  it("takes the token of the channel first, and ends with 1 and 2 as it says", async test => {
    const own = { ZOHO_CHANNEL_TOKEN: "another's", ZOHO_CHANNEL_TOKEN_1105420521999070702: "its own" };
    const { shell, handler } = await followed(test, own, 409);
    assert.equal((await shell.run(terminal.block("sh"))).code, 1);
    assert.match(handler.requests[0]?.body.toString() ?? "", /"token":"its own"/);
    const without = await followed(test, {});
    assert.equal((await without.shell.run(terminal.block("sh"))).code, 2);
    assert.deepEqual(without.handler.requests, []);
  });

  it("takes every command and option of its table, and has no other", async test => {
    const { shell, handler } = await followed(test, { ZOHO_CHANNEL_TOKEN: "secret" }, 409);
    const rows = terminal.rows().flatMap(([cell]) => codeIn(cell));
    assert.ok(rows.length >= 6);
    const values: Readonly<Record<string, string>> = { "<files…>": "fixtures", "<url>": handler.url, "<s>": "5" };
    const filled = (text: string): string => text.replaceAll(/<[^>]+>/g, name => values[name] ?? "crm.example.com");
    for (const row of rows) {
      const command = row.startsWith("--") ? `replay fixtures --to ${handler.url} ${filled(row)}` : filled(row);
      const { code, stderr } = await shell.run(`zoho-crm-events ${command}`);
      // 409 is no success, unless the option says so.
      assert.ok(
        code === (/^(replay|--bail|--timeout|--allow-host)/.test(row) ? 1 : 0),
        `${command}: ${code} ${stderr}`,
      );
    }
    const { stdout } = await runToExit(script, ["--help"]);
    const helped = [...stdout.matchAll(/^ +(--[a-z-]+)/gm)].map(([, option = ""]) => option);
    assert.ok(helped.length >= 6);
    for (const option of helped) {
      if (option !== "--help")
        assert.ok(terminal.text.includes(`\`${option}`) || rows.some(row => row.includes(option)), option);
    }
  });
});
