import "../../support/vscodeWizard/hook.ts";
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { day, hour } from "../../../src/base/clock.ts";
import { succeed } from "../../../src/base/result.ts";
import type { ChannelDetails } from "../../../src/core/subscriptions/channelDetails.ts";
import { conditionWordsOn } from "../../../src/core/subscriptions/differences.ts";
import type { FieldInfo } from "../../../src/zoho/fieldInfo.ts";
import type { ModuleInfo } from "../../../src/zoho/metadata.ts";
import { type QuickStep, acts } from "../../support/vscodeWizard/standIn.ts";
import { aConnection } from "../core/connections/aConnection.ts";

const { askForSubscription } = await import("../../../src/host/subscriptions/createSubscription.ts");

const moduleInfo = (apiName: string): ModuleInfo => ({
  ...{ apiName, singularLabel: apiName, pluralLabel: apiName, generatedType: "default" },
  ...{ apiSupported: true, creatable: true, editable: true, deletable: true },
});
const fieldNames = Array.from({ length: 12 }, (_, index) => `Field${index + 1}`);
const fieldInfo = (apiName: string): FieldInfo => ({
  ...{ apiName, label: apiName, dataType: "text", id: apiName },
  ...{ mandatory: false, readOnly: false, custom: false, choices: [], lookupModules: [] },
});
const client = {
  modules: async () =>
    Promise.resolve(succeed({ items: ["Leads", "Deals", "Events"].map(name => moduleInfo(name)), unreadable: 0 })),
  fields: async () =>
    Promise.resolve(
      succeed({
        items: fieldNames.map(fieldInfo),
        unreadable: 0,
      }),
    ),
};

async function run(...script: ((step: QuickStep) => void)[]): Promise<ChannelDetails> {
  acts.push(...script);
  const { details } = await askForSubscription({
    clients: { for: () => client },
    connections: [aConnection()],
    connection: undefined,
    expiresIn: 7 * day - hour,
    isHere: () => false,
    now: () => Date.now(),
  });
  return details;
}

const enter = (step: QuickStep): void => step.accept();
const goBack = (step: QuickStep): void => step.back();
const pick =
  (label: string) =>
  (step: QuickStep): void =>
    step.pick(label);
const tick =
  (...labels: string[]) =>
  (step: QuickStep): void =>
    step.tick(...labels).accept();

describe("the wizard for a new subscription", () => {
  afterEach(() => assert.deepEqual(acts.splice(0), [], "no act is left"));

  it("keeps what was set under Options when one goes back from there, and says so", async () => {
    const details = await run(
      tick("Leads"),
      enter,
      pick("One week"),
      pick("Options…"),
      pick("Related records"),
      pick("Condition of Leads"),
      tick("Field1"),
      goBack,
      step => {
        assert.match(JSON.stringify(step.items[0]), /Leads · 6d 23h · to this editor/);
        assert.match(JSON.stringify(step.items[0]), /With changed values\. Condition of Leads: Field1\./);
        step.pick("Subscribe");
      },
    );
    assert.equal(details.notifyOnRelatedAction, false);
    assert.equal(conditionWordsOn(details.conditions, "Leads"), "Field1");
  });

  it("keeps it also where other modules and changes are chosen after that, and what was ticked at each step", async () => {
    const details = await run(
      tick("Leads"),
      enter,
      pick("One week"),
      pick("Options…"),
      pick("Condition of Leads"),
      tick("Field1"),
      goBack,
      goBack,
      goBack,
      step => step.tick("Edit").back(),
      step => {
        assert.deepEqual(step.ticked, ["Leads"]);
        step.tick("Leads", "Deals").accept();
      },
      step => {
        assert.deepEqual(
          step.ticked.map(label => label.replace(/^.* /, "")),
          ["Edit"],
        );
        step.accept();
      },
      pick("One day"),
      pick("Subscribe"),
    );
    assert.deepEqual(details.events, ["Leads.edit", "Deals.edit"]);
    assert.equal(conditionWordsOn(details.conditions, "Leads"), "Field1");
  });

  it("goes back from how fields combine to the fields as they were ticked, and from groups step by step", async () => {
    const fields = ["Field1", "Field2", "Field3"];
    const sees =
      (expected: readonly string[], act: (step: QuickStep) => void) =>
      (step: QuickStep): void => {
        assert.deepEqual(step.ticked, expected);
        act(step);
      };
    const details = await run(
      tick("Leads"),
      enter,
      pick("One week"),
      pick("Options…"),
      pick("Condition of Leads"),
      tick(...fields),
      goBack,
      sees(fields, enter),
      pick("In groups…"),
      tick("Field1", "Field2"),
      goBack,
      sees(["Field1", "Field2"], enter),
      pick("All together (and)"),
      goBack,
      sees(["Field1", "Field2"], goBack),
      pick("In groups…"),
      tick("Field1", "Field2"),
      pick("All together (and)"),
      enter,
      pick("One is enough (or)"),
      pick("Subscribe"),
    );
    assert.equal(conditionWordsOn(details.conditions, "Leads"), "Field3 or (Field1 and Field2)");
  });

  it("goes back from typing a token or an address to the choice, with what was typed", async () => {
    const details = await run(
      tick("Leads"),
      enter,
      pick("One week"),
      pick("Options…"),
      pick("Token"),
      step => {
        assert.doesNotMatch(JSON.stringify(step.items), /former one/, "a new subscription has no former token");
        step.pick("Type one…");
      },
      step => step.type("my token").back(),
      pick("Type one…"),
      step => {
        assert.equal(step.value, "my token");
        step.accept();
      },
      pick("Events go to"),
      pick("Another address…"),
      step => step.type("https://staging.acme.example/crm").back(),
      pick("Another address…"),
      enter,
      pick("Subscribe"),
    );
    assert.deepEqual([details.token, details.notifyUrl], ["my token", "https://staging.acme.example/crm"]);
  });

  it("says in the title that there are too many fields, and keeps them ticked", async () => {
    await run(
      tick("Leads"),
      enter,
      pick("One week"),
      pick("Options…"),
      pick("Condition of Leads"),
      step => {
        assert.match(step.title, /notify only when these fields change \(10 at most\)/);
        step.tick(...fieldNames.slice(0, 11)).accept();
      },
      step => {
        assert.match(step.title, /Zoho takes at most 10 fields; these are 11\./);
        assert.equal(step.ticked.length, 11);
        step.tick("Field1").accept();
      },
      pick("Subscribe"),
    );
  });

  it("goes back from the operations of added modules to the modules", async () => {
    const details = await run(
      tick("Leads"),
      enter,
      pick("One week"),
      pick("Options…"),
      pick("Add Modules…"),
      tick("Deals"),
      step => step.tick("Delete").back(),
      step => {
        assert.deepEqual(step.ticked, ["Deals"]);
        step.accept();
      },
      enter,
      pick("Subscribe"),
    );
    assert.deepEqual(details.events.slice(-1), ["Deals.delete"]);
  });
});
