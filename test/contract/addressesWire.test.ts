import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import type { SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { type RawAnswer, RawZoho, at } from "../support/rawZoho.ts";
import { startSandbox } from "../support/testSandbox.ts";

/** Parts of Zoho's API that the sandbox lacks, and paths that no one has. */
const missing: readonly (readonly [method: string, path: string])[] = [
  ["POST", "coql"],
  ["GET", "coql"],
  ["POST", "__composite_requests"],
  ["GET", "settings"],
  ["GET", "settings/layouts?module=Leads"],
  ["GET", "settings/profiles"],
  ["GET", "settings/modules/Leads/fields"],
  ["GET", "actions"],
  ["GET", "actions/count"],
  ["POST", "files"],
  ["GET", "org/currencies"],
  ["GET", "Leads/"],
  ["GET", "Leads/actions"],
  ["GET", "Leads/actions/count"],
  ["DELETE", "Leads/actions"],
  ["POST", "Leads/actions/assign_territories"],
  ["GET", "Leads/__timeline"],
  ["GET", "Leads/6756839000000554001/actions/clone"],
  ["GET", "Leads/6756839000000554001/Notes"],
  ["GET", "Unicorns/horns"],
  ["GET", "Unicorns/actions/count"],
  ["GET", "Unicorns/1/Notes"],
  ["GET", "/crm/v9/Leads"],
  ["GET", "/crm/v8"],
  ["GET", "/crm/v8/"],
];

describe("addresses on the wire", () => {
  it("are 404 INVALID_URL_PATTERN where the sandbox has nothing, whatever could be read into them", async test => {
    const zoho = await setUp(test);
    for (const [method, path] of missing) {
      const answer = await zoho.call(method, path);
      assert.deepEqual(
        [answer.status, answer.json],
        [
          404,
          {
            code: "INVALID_URL_PATTERN",
            details: {},
            message: "Please check if the URL trying to access is a correct one",
            status: "error",
          },
        ],
        `${method} ${path}`,
      );
    }
  });

  it("name a module that does not exist where they could be a record's or a list's", async test => {
    const zoho = await setUp(test);
    const paths = ["Unicorns?fields=id", "Unicorns/6756839000000554001", "Unicorns/deleted", "Unicorns/search?word=a"];
    for (const path of paths) {
      const { status, json } = await zoho.call("GET", path);
      const told = [status, at(json, "code"), at(json, "details")];
      assert.deepEqual(told, [400, "INVALID_MODULE", { resource_path_index: 0 }], path);
    }
  });

  it("lead to a module's metadata by its name and by its id", async test => {
    const zoho = await setUp(test);
    const byName = await zoho.call("GET", "settings/modules/Leads");
    const byId = await zoho.call("GET", "settings/modules/6756839000000002175");
    assert.deepEqual([byName.status, at(byName.json, "modules", 0, "api_name")], [200, "Leads"]);
    assert.deepEqual(byId.json, byName.json);
    assert.equal((await zoho.call("GET", "settings/modules/6756839000000999999")).status, 204);
    const { status, json } = await zoho.call("GET", "settings/modules/leads");
    const told = [status, at(json, "code"), at(json, "details")];
    assert.deepEqual(told, [400, "INVALID_MODULE", { resource_path_index: 2 }]);
  });

  it("are refused with 429 and the body that is switched, whether credits or a fault refuse them", async test => {
    const zoho = await setUp(test, { creditsPerDay: 1 });
    const byCredits = async (): Promise<RawAnswer> => zoho.call("GET", "org");
    const byFault = async (): Promise<RawAnswer> => {
      await zoho.call("POST", "/sandbox/faults", { kind: "status", status: 429, path: "/crm/" });
      return zoho.call("GET", "org");
    };
    await byCredits();
    for (const call of [byCredits, byFault]) {
      const told: unknown[] = [];
      for (const tooManyRequestsBody of ["TOO_MANY_REQUESTS", "RATE_LIMIT_EXCEEDED", "empty"]) {
        await zoho.call("POST", "/sandbox/behaviour", { tooManyRequestsBody });
        const { status, text, json } = await call();
        told.push([status, at(json, "code"), text === "", at(json, "details")]);
      }
      assert.deepEqual(told, [
        [429, "TOO_MANY_REQUESTS", false, {}],
        [429, "RATE_LIMIT_EXCEEDED", false, undefined],
        [429, undefined, true, undefined],
      ]);
    }
  });
});

async function setUp(test: TestContext, behaviour: SandboxOptions["behaviour"] = {}): Promise<RawZoho> {
  return RawZoho.signIn((await startSandbox(test, { behaviour })).url);
}
