import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parseRelayOptions } from "../../../src/relay/relayOptions.ts";
import { optionNames, variableOf } from "../../../src/relay/relayOptionTable.ts";
import { Document, codeIn } from "../../support/document.ts";
import { repositoryRoot } from "../../workbench/repository.ts";

const folder = "docs/deploy";
const readme = Document.read(`${folder}/README.md`);

/** The relay's settings in a file, without those of files that are not here. */
function settingsOf(file: string): Record<string, string> {
  const found = Document.read(`${folder}/${file}`).text.matchAll(/(ZCN_RELAY_\w+)(?:=|: )"?([^"\s]+)"?/g);
  const files = [variableOf("create-key-file"), variableOf("nats-creds")];
  return Object.fromEntries(
    [...found].flatMap(([, name = "", value = ""]) => (files.includes(name) ? [] : [[name, value]])),
  );
}

describe("docs/deploy", () => {
  it("has every file that its page names", () => {
    const named = readme.rows().flatMap(([cell]) => codeIn(cell));
    assert.ok(named.length >= 5);
    assert.deepEqual(
      named.filter(file => !existsSync(join(repositoryRoot, folder, file))),
      [],
    );
  });

  for (const file of ["compose.yaml", "zcn-relay.service", "Containerfile"]) {
    it(`${file}: the relay takes its settings`, () => {
      const settings = settingsOf(file);
      const known = new Set(optionNames.map(variableOf));
      assert.deepEqual(
        Object.keys(settings).filter(name => !known.has(name)),
        [],
      );
      // What compose fills in.
      const filled = Object.entries(settings).map(([name, value]) => [
        name,
        value.replace(/\$\{.*/, "relay.example.com"),
      ]);
      const command = parseRelayOptions([], Object.fromEntries(filled) as Record<string, string>);
      assert.ok(command.ok && command.value.kind === "run", JSON.stringify(command));
      assert.ok(Object.keys(settings).length >= 3);
    });
  }

  it("gives NATS room for what the relay reserves", () => {
    const conf = Document.read(`${folder}/nats.conf`).text;
    const [, gigabytes] = /max_file_store: (\d+)GB/.exec(conf) ?? [];
    const command = parseRelayOptions([], {});
    assert.ok(command.ok && command.value.kind === "run");
    assert.ok(Number(gigabytes) * 1e9 > command.value.options.maxStorageBytes);
  });

  it("has NATS write each event to the disk before a relay answers 200, as the pages say", () => {
    assert.match(Document.read(`${folder}/nats.conf`).text, /^\s*sync_interval: always$/m);
    for (const page of ["docs/scale.md", "docs/operate-a-relay.md", `${folder}/README.md`]) {
      assert.match(Document.read(page).text, /`sync_interval: always`/, page);
    }
  });
});
