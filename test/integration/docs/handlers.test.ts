import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { handlerLaunch, toNodeLaunch } from "../../../src/core/handlers/debugging/handlerLaunch.ts";
import { handlerSamples } from "../../../src/core/handlers/scaffold/handlerPlan.ts";
import { Document, codeIn } from "../../support/document.ts";
import { buildTemplates, scaffold } from "../handlers/scaffoldedHandler.ts";

const page = Document.read("docs/handlers.md");

describe("docs/handlers.md, followed", () => {
  const templates = mkdtempSync(join(tmpdir(), "zcn-test-"));

  before(() => buildTemplates(templates));
  after(() => rmSync(templates, { recursive: true, force: true }));

  it("has in the folder of a new handler what its table says", async test => {
    const section = page.section("A new one");
    const named = section.rows().flatMap(([cell]) => codeIn(cell));
    assert.ok(named.length >= 6);
    for (const language of ["typescript", "javascript"] as const) {
      for (const sample of handlerSamples) {
        const folder = await scaffold(test, language, sample, templates);
        const there = (name: string): string =>
          language === "javascript" ? name.replace(/(?<!\.d)\.ts$/, ".js") : name;
        for (const name of named) assert.ok(existsSync(join(folder, there(name))), `${language}: ${name}`);
        const roots = new Set(codeIn(section.text).map(name => there(name).replace(/\/$/, "")));
        const ofTools = ["package.json", "tsconfig.json", ".gitignore"];
        const others = readdirSync(folder).filter(name => !roots.has(name) && !ofTools.includes(name));
        assert.deepEqual(others, [], language);
      }
    }
  });

  it("shows the launch configuration that the command writes, and that the debugger takes", () => {
    const shown = JSON.parse(page.section("With the debugger").block("json")) as { readonly name: string };
    const { modules: _, ...written } = handlerLaunch("zoho-handler", "handler.ts", 3000, []);
    assert.deepEqual(shown, { ...written, name: shown.name });
    assert.equal(toNodeLaunch(shown)?.["program"], "${workspaceFolder}/zoho-handler/handler.ts");
  });
});
