import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { toolBounds } from "../../../src/core/agents/toolInputs.ts";
import { Document, codeIn } from "../../support/document.ts";
import { readShownManifest } from "../../support/manifest.ts";

const page = Document.read("docs/agents.md");

describe("docs/agents.md", () => {
  it("names every tool as a prompt names it, and no other", () => {
    const tools = v.array(v.looseObject({ toolReferenceName: v.string() }));
    const manifest = v.parse(v.object({ contributes: v.object({ languageModelTools: tools }) }), readShownManifest());
    const names = manifest.contributes.languageModelTools.map(({ toolReferenceName }) => `#${toolReferenceName}`);
    assert.deepEqual(
      page
        .rows()
        .flatMap(([cell]) => codeIn(cell))
        .toSorted(),
      names.toSorted(),
    );
  });

  it("tells the bounds of their answers", () => {
    const say = (count: number): string => count.toLocaleString("en");
    const { usualEvents, usualBodyCharacters, events, bodyCharacters, waitSeconds } = toolBounds;
    assert.ok(page.text.includes(`${say(usualEvents)} events and ${say(usualBodyCharacters)} characters`));
    assert.ok(page.text.includes(`${say(events)} events and ${say(bodyCharacters)} characters at most`));
    assert.ok(page.text.includes("at most ten minutes"));
    assert.equal(waitSeconds, 600);
  });
});
