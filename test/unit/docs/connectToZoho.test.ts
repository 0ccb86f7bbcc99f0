import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { requiredScopes } from "../../../src/zoho/scopes.ts";
import { Document, codeIn } from "../../support/document.ts";
import { readShownManifest } from "../../support/manifest.ts";

const page = Document.read("docs/connect-to-zoho.md");

describe("docs/connect-to-zoho.md", () => {
  it("has the redirect address that the sign-in listens at, unless another port is set", () => {
    const property = v.looseObject({ properties: v.record(v.string(), v.looseObject({ default: v.unknown() })) });
    const schema = v.object({ contributes: v.object({ configuration: v.array(property) }) });
    const { contributes } = v.parse(schema, readShownManifest());
    const settings = Object.assign({}, ...contributes.configuration.map(({ properties }) => properties)) as Record<
      string,
      { readonly default: unknown }
    >;
    const port = settings["zohoCrm.signIn.redirectPort"]?.default;
    assert.ok(page.text.includes(`\n   http://localhost:${String(port)}/callback\n`));
  });

  it("has the scopes that a sign-in asks for, to be pasted, and says what each is for", () => {
    assert.ok(page.text.includes(`\n   ${requiredScopes.join(",")}\n`));
    const explained = page
      .section("What the scopes are for")
      .rows()
      .flatMap(([cell]) => codeIn(cell));
    assert.deepEqual(explained.toSorted(), [...requiredScopes].toSorted());
  });
});
