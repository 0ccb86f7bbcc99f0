import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "node:test";
import ts from "typescript";
import { readForwardRequest } from "../../../../src/core/handlers/debugging/forwardRequest.ts";
import {
  handlerLaunch,
  languageOf,
  toForwardOnly,
  toNodeLaunch,
  withRuntimeArguments,
} from "../../../../src/core/handlers/debugging/handlerLaunch.ts";
import { addConfiguration } from "../../../../src/core/handlers/debugging/launchFile.ts";
import { argumentsFor, readNodeVersion } from "../../../../src/core/handlers/debugging/nodeVersion.ts";
import { TemporaryRules } from "../../../../src/core/handlers/debugging/temporaryRules.ts";

describe("what a debug session wants forwarded", () => {
  it("is a port, an address, or either with modules", () => {
    assert.deepEqual(readForwardRequest(3000), { url: "http://127.0.0.1:3000/", modules: [] });
    assert.deepEqual(readForwardRequest("http://localhost:80/hook"), { url: "http://localhost:80/hook", modules: [] });
    assert.deepEqual(readForwardRequest({ to: 8080, modules: ["Deals"] }), {
      url: "http://127.0.0.1:8080/",
      modules: ["Deals"],
    });
  });

  it("is nothing else", () => {
    for (const value of [
      0,
      65_536,
      1.5,
      "3000",
      "",
      null,
      undefined,
      true,
      {},
      { to: "x" },
      { to: 1, modules: [1] },
      "localhost:3000",
      "ftp://localhost",
    ]) {
      assert.equal(readForwardRequest(value), undefined, JSON.stringify(value));
    }
  });
});

describe("the launch configuration of a handler", () => {
  it("becomes one of Node's debugger that has the port, runs in the handler's folder, and wants events", () => {
    const launch = handlerLaunch("zoho-handler", "handler.ts", 4000, ["Deals"]);
    assert.deepEqual(toNodeLaunch(launch), {
      type: "node",
      request: "launch",
      name: "Zoho CRM handler (zoho-handler)",
      program: "${workspaceFolder}/zoho-handler/handler.ts",
      cwd: "${workspaceFolder}/zoho-handler",
      env: { PORT: "4000" },
      skipFiles: ["<node_internals>/**"],
      zohoCrmForward: { to: 4000, modules: ["Deals"] },
    });
  });

  it("keeps what else the person wrote, and lets that win", () => {
    const written = {
      ...{ type: "zohoCrmHandler", request: "launch", name: "Mine", program: "C:\\work\\handler.js", cwd: "C:\\work" },
      ...{
        env: { PORT: "1", A: null },
        zohoCrmForward: "http://localhost:9/",
        runtimeArgs: ["--inspect"],
        skipFiles: [],
      },
    };
    assert.deepEqual(toNodeLaunch(written), { ...written, type: "node" });
  });

  it("without a program, or with a port that is none, is refused", () => {
    assert.equal(toNodeLaunch({ name: "x", type: "zohoCrmHandler", request: "launch" }), undefined);
    assert.equal(toNodeLaunch({ name: "x", program: "a.js", port: "3000" }), undefined);
    assert.equal(toForwardOnly({ name: "x", port: -1 }), undefined);
  });

  it("that attaches only forwards", () => {
    assert.deepEqual(toForwardOnly({ name: "x", type: "zohoCrmHandler", request: "attach", port: 5000 }), {
      ...{ name: "x", type: "zohoCrmHandler", request: "attach" },
      zohoCrmForward: { to: 5000, modules: [] },
    });
  });
});

describe("the Node of a handler", () => {
  const told = (language: "typescript" | "javascript", version: string): readonly string[] | undefined => {
    const read = readNodeVersion(version);
    assert.ok(read !== undefined);
    return argumentsFor(language, read);
  };

  it("runs TypeScript as it is, or is told to, or is too old", () => {
    for (const version of ["v22.18.0", "v22.19.1\n", "v23.6.0", "v24.0.0", "v30.1.2"]) {
      assert.deepEqual(told("typescript", version), [], version);
    }
    for (const version of ["v22.6.0", "v22.17.9", "v23.5.0"]) {
      assert.deepEqual(told("typescript", version), ["--experimental-strip-types"], version);
    }
    for (const version of ["v22.5.1", "v20.20.2", "v18.0.0"]) assert.equal(told("typescript", version), undefined);
  });

  it("runs JavaScript from 20.12 on", () => {
    assert.deepEqual(told("javascript", "v20.12.0"), []);
    assert.equal(told("javascript", "v20.11.1"), undefined);
  });

  it("is unknown where what it prints is no version", () => {
    for (const text of ["", "20.1.0", "v1", "command not found"]) assert.equal(readNodeVersion(text), undefined);
  });

  it("is told what it has to be in front of what the person wrote", () => {
    const launch = { type: "node", request: "launch", name: "x", program: "a.mts", runtimeArgs: ["--inspect"] };
    assert.equal(languageOf(launch), "typescript");
    assert.equal(languageOf({ ...launch, program: "a.ts.js" }), "javascript");
    assert.deepEqual(withRuntimeArguments(launch, ["--a"])["runtimeArgs"], ["--a", "--inspect"]);
    assert.equal(withRuntimeArguments(launch, []), launch);
  });
});

describe("a configuration that is added to a launch file", () => {
  const entry = { name: "Handler", type: "zohoCrmHandler" };
  const parse = (text: string | undefined): unknown => {
    const read: { readonly config?: unknown; readonly error?: unknown } = ts.parseConfigFileTextToJson(
      "x.json",
      text ?? "",
    );
    assert.equal(read.error, undefined, text);
    return read.config;
  };

  it("makes the file where there is none", () => {
    assert.deepEqual(parse(addConfiguration("", entry)), { version: "0.2.0", configurations: [entry] });
  });

  it("goes in front of the others, and leaves comments and all else as they are", () => {
    const text = `{
  // "configurations": [ is only a comment
  "note": "\\"configurations\\": [",
  "compounds": [{ "configurations": ["Other"] }],
  "configurations": [ /* mine */
    { "name": "Other", }, // kept
  ],
}`;
    const added = addConfiguration(text, entry) ?? "";
    assert.deepEqual(parse(added), {
      note: '"configurations": [',
      compounds: [{ configurations: ["Other"] }],
      configurations: [entry, { name: "Other" }],
    });
    for (const comment of ["is only a comment", "/* mine */", "// kept"]) assert.ok(added.includes(comment));
  });

  it("finds a place where the list is empty or missing, and none in what is no launch file", () => {
    assert.deepEqual(parse(addConfiguration('{"configurations":[]}', entry)), { configurations: [entry] });
    assert.deepEqual(parse(addConfiguration("{ /* nothing */ }", entry)), { configurations: [entry] });
    assert.deepEqual(parse(addConfiguration('{"version":"0.2.0"}', entry)), {
      version: "0.2.0",
      configurations: [entry],
    });
    assert.equal(addConfiguration("[]", entry), undefined);
    assert.equal(addConfiguration("hello", entry), undefined);
  });

  it("adds itself and changes nothing else, whatever the file holds", () => {
    const others = fc.array(fc.record({ name: fc.string(), args: fc.jsonValue() }), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        others,
        fc.integer({ min: 0, max: 4 }),
        (rest, list, width) => {
          const { ["configurations"]: _, ["__proto__"]: __, ...other } = rest;
          const text = JSON.stringify({ ...other, configurations: list, last: 1 }, undefined, width);
          const added: unknown = JSON.parse(addConfiguration(text, entry) ?? "");
          assert.deepEqual(added, JSON.parse(JSON.stringify({ ...other, configurations: [entry, ...list], last: 1 })));
        },
      ),
      { seed: 20_260_105 },
    );
  });
});

describe("rules of debug sessions", () => {
  it("are there from when a session begins until it ends, one for each module", () => {
    const rules = new TemporaryRules();
    let changes = 0;
    rules.onDidChange(() => (changes += 1));
    const all = rules.add("All", { url: "http://127.0.0.1:1/", modules: [] });
    const some = rules.add("Some", { url: "http://127.0.0.1:2/", modules: ["Deals", "Leads"] });
    assert.deepEqual(
      rules.list().map(({ name, module, url }) => [name, module, url]),
      [
        ["All", undefined, "http://127.0.0.1:1/"],
        ["Some", "Deals", "http://127.0.0.1:2/"],
        ["Some", "Leads", "http://127.0.0.1:2/"],
      ],
    );
    all.dispose();
    all.dispose();
    some.dispose();
    assert.deepEqual(rules.list(), []);
    assert.equal(changes, 4);
    rules.dispose();
  });
});
