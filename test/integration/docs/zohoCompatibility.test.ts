import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { behaviourSchema } from "../../../src/sandbox/behaviour.ts";
import { faultSchema } from "../../../src/sandbox/faults/fault.ts";
import { Document, codeIn } from "../../support/document.ts";
import { startSandbox } from "../../support/testSandbox.ts";

const page = Document.read("docs/zoho-compatibility.md");
const facts = page.section("What we know about Zoho").rows();
const unknown = page.section("Where Zoho is not known").rows();

describe("docs/zoho-compatibility.md, followed", () => {
  it("names every switch of the sandbox with all its positions, the default first, and no other", async test => {
    const sandbox = await startSandbox(test);
    const rows = unknown.filter(row => row.length === 3 && /^`[a-zA-Z]+`$/.test(row[1] ?? ""));
    const names = rows.flatMap(([, cell]) => codeIn(cell));
    assert.deepEqual(names.toSorted(), Object.keys(behaviourSchema.entries).toSorted());
    for (const [, cell, positions] of rows) {
      const [name = ""] = codeIn(cell);
      const { wrapped, default: value } = entryOf(name);
      if (value !== undefined) assert.equal(codeIn(positions)[0], String(value), name);
      if (!("options" in wrapped)) continue;
      const told = codeIn(positions).filter(code => code !== "watch");
      assert.deepEqual(told.toSorted(), wrapped.options.map(String).toSorted(), name);
    }
    const current = (await (await fetch(`${sandbox.url}/sandbox/behaviour`)).json()) as Readonly<
      Record<string, unknown>
    >;
    for (const [name, value] of Object.entries(current)) {
      const answer = await fetch(`${sandbox.url}/sandbox/behaviour`, {
        method: "POST",
        body: JSON.stringify({ [name]: value }),
      });
      assert.equal(answer.status, 200, name);
    }
  });

  it("gives each fact a source and a mark, and each switch the fact that it is for", () => {
    const marks = ["live", "documented", "inferred", "open"];
    for (const [statement = "", source = "", mark = "", ...cells] of facts) {
      assert.ok(statement !== "" && source !== "" && marks.includes(mark), statement);
      assert.equal(cells.length, 1, statement);
    }
    const named = new Set(facts.flatMap(([, , , cell]) => codeIn(cell)));
    assert.deepEqual([...named].toSorted(), Object.keys(behaviourSchema.entries).toSorted());
  });

  it("names every fault, and no other", () => {
    const kinds = unknown.flatMap(([cell = ""]) => (/^`[a-z-]+`/.test(cell) ? codeIn(cell).slice(0, 1) : []));
    const known = faultSchema.options.map(({ entries }) => entries.kind.literal);
    assert.deepEqual(kinds.toSorted(), known.toSorted());
  });

  it("names controls that the sandbox has", async test => {
    const sandbox = await startSandbox(test);
    const cells = unknown.flatMap(([cell = ""]) => (cell.includes("/sandbox/") ? [cell] : []));
    const calls = cells.flatMap(cell => {
      const [first = "", ...more] = codeIn(cell).filter(code => !code.startsWith("{"));
      const path = first.slice(first.indexOf("/"));
      const methods = [
        ...codeIn(cell)
          .join(" ")
          .matchAll(/\b(GET|POST|DELETE)\b/g),
      ].map(([, method = ""]) => method);
      const paths = [
        path.startsWith("/") ? path : "",
        ...more.filter(code => code.startsWith("/")).map(code => `/sandbox${code}`),
      ];
      const named =
        codeIn(cell)
          .join(" ")
          .match(/\/sandbox\/[a-z-]+/g) ?? [];
      return [...new Set([...named, ...paths.filter(each => each.startsWith("/sandbox/"))])].flatMap(each =>
        methods.map(method => [method, each] as const),
      );
    });
    assert.ok(calls.length >= 12);
    for (const [method, path] of calls) {
      const body = method === "POST" ? { body: "{}" } : {};
      const { status } = await fetch(sandbox.url + path, { method, ...body });
      assert.ok(status !== 404 && status !== 405 && status < 500, `${method} ${path}: ${status}`);
    }
  });
});

/** What a switch may be, and what it is unless someone changes it. */
function entryOf(name: string): (typeof behaviourSchema.entries)[keyof typeof behaviourSchema.entries] {
  const entry = Object.entries(behaviourSchema.entries).find(([key]) => key === name)?.[1];
  assert.ok(entry !== undefined, name);
  return entry;
}
