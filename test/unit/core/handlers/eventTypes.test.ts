import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "node:test";
import {
  type EventTypesInput,
  type ModuleMetadata,
  eventTypes,
} from "../../../../src/core/handlers/types/eventTypes.ts";
import { readEventTypesSource } from "../../../../src/core/handlers/types/eventTypesSource.ts";
import { temporaryFolder } from "../../../support/temporaryFolder.ts";
import { declarationsOf, typeErrors } from "../../../support/typeCheck.ts";
import { aField, aModule, agency } from "./someMetadata.ts";

/** What a handler's author writes, with the mistakes that the types are there to find. */
const sample = `import type {
  DealsFields, DealsNotification, RecordId, Reference, ZohoEvent, ZohoNotification,
} from "./zoho-crm-events.d.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

export function amountOf(event: ZohoEvent): number | null | undefined {
  switch (event.module) {
    case "Deals":
      if (event.operation === "delete") return event.values?.Record_Status__s;
      return event.values?.Stage === "Site Visit Scheduled" ? event.values.Amount : undefined;
    case "Site_Visits":
      return event.operation === "edit" && event.values?.Done === true ? 1 : 0;
    case undefined:
      return event.values?.["Amount"] === 1 ? 1 : 0;
    default: {
      const never: never = event;
      return never;
    }
  }
}

same<DealsFields["id"], RecordId<"Deals">>(true);
same<DealsFields["Deal_Name"], string>(true);
same<DealsFields["Amount"], number | null>(true);
same<DealsFields["Country"], string | null>(true);
same<DealsFields["Account_Name"], Reference<"Accounts"> | null>(true);
same<DealsFields["What_Id"], Reference<"Accounts" | "Deals"> | null>(true);
same<DealsFields["Odd"], unknown>(true);
same<DealsFields["Yield"], number | null>(true);
same<DealsFields["Tag"], readonly unknown[] | null>(true);

export const stage: DealsFields["Stage"] = "a stage that was added since";
export const rating = (deal: DealsFields): number | null => deal.Viewings?.[0]?.Rating ?? null;
export const garden = (deal: DealsFields): boolean => deal.Interests?.includes("Garden") ?? false;
export const hidden = (deal: DealsFields): unknown => deal.Hidden_Rows?.[0]?.["anything"];
export const ids = (body: ZohoNotification): readonly string[] => body.ids;
export const fields = (body: DealsNotification): readonly string[] => body.affected_fields.flatMap(each => Object.values(each).flat());

// @ts-expect-error There is no such field.
export const typo = (deal: DealsFields): unknown => deal.Stag;
// @ts-expect-error Deals are not site visits.
export const mixed = (id: RecordId<"Deals">): RecordId<"Site_Visits"> => id;
// @ts-expect-error Just any text is no id.
export const invented: RecordId = "123";
// @ts-expect-error What is deleted tells no stage.
export const gone = (event: ZohoEvent): unknown => event.module === "Deals" ? event.values?.Stage : 0;
`;

describe("types of an organisation's notifications", () => {
  it("compile under --strict, know every field, and find mistakes", test => {
    const errors = typeErrors(temporaryFolder(test), {
      "package.json": '{"type":"module"}',
      "zoho-crm-events.d.ts": eventTypes(agency),
      "sample.ts": sample,
    });
    assert.deepEqual(errors, []);
  });

  it("say in their header how to make them again, and for what", () => {
    const text = eventTypes(agency);
    assert.match(text, /Harbourline Homes/);
    assert.match(text, /run the command “Zoho CRM: Generate Types…” again/);
    assert.deepEqual(readEventTypesSource(text), {
      organization: "6756839000000012345",
      modules: ["Deals", "Site_Visits"],
    });
    assert.equal(readEventTypesSource("export type Mine = 1;\n"), undefined);
  });

  it("tell people what a field is called, its kind, and whether it is required, read-only or theirs", () => {
    const text = eventTypes(agency);
    assert.match(text, /\/\*\* Deal Name: text, required \*\/\n {2}readonly Deal_Name: string;/);
    assert.match(text, /\/\*\* Yield: formula, read-only \*\//);
    assert.match(text, /\/\*\* Interests: multiselectpicklist, custom \*\//);
  });

  it("are the same in whatever order the metadata comes", () => {
    const turned: EventTypesInput = {
      ...agency,
      modules: agency.modules.toReversed().map(module => ({ ...module, fields: module.fields.toReversed() })),
    };
    assert.equal(eventTypes(turned), eventTypes(agency));
  });

  it("keep apart modules whose names would make the same type, or one of the file's own", test => {
    const names = [
      "Site_Visits",
      "SiteVisits",
      "Zoho",
      "Record",
      "Deleted",
      "Module",
      "1st",
      "日本",
      "class",
      "Site-Visits",
    ];
    const modules = names.map(name => aModule(name, [aField("id", "bigint"), aField("__proto__", "text")]));
    const text = eventTypes({ ...agency, modules });
    assert.deepEqual(typeErrors(temporaryFolder(test), { "zoho-crm-events.d.ts": text }), []);
    const types = [...declarationsOf(text).members.keys()].filter(name => name.endsWith("Event"));
    assert.equal(new Set(types).size, types.length);
    assert.ok(names.every(name => text.includes(`RecordEvent<${JSON.stringify(name)}`)));
  });

  it("are whole whatever names, labels and choices hold", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom(
        "*/ export const x = 1; /*",
        '"]; evil(); //',
        "`${evil}`",
        "__proto__",
        "constructor",
        "a\nb",
        "\u2028",
      ),
      fc.constantFrom("\u202e}", "\ud800", "// @ts-nocheck", "*\\/", "a".repeat(5_000), "", "-", "\\"),
    );
    const fields = fc.uniqueArray(
      fc.record({
        apiName: hostile,
        label: hostile,
        dataType: fc.oneof(hostile, fc.constantFrom("picklist", "multiselectpicklist", "lookup", "subform", "text")),
        choices: fc.array(hostile, { maxLength: 4 }),
        lookupModules: fc.array(hostile, { maxLength: 2 }),
        subformModule: hostile,
      }),
      { maxLength: 6, selector: ({ apiName }) => apiName },
    );
    const modules = fc.uniqueArray(fc.record({ apiName: hostile, label: hostile, fields }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ apiName }) => apiName,
    });
    fc.assert(
      fc.property(hostile, modules, modules, (name, some, others) => {
        const whole = (module: (typeof some)[number]): ModuleMetadata => ({
          ...module,
          fields: module.fields.map(field => aField(field.apiName, field.dataType, field)),
        });
        const input = { organization: { id: name, name }, modules: some.map(whole), subforms: others.map(whole) };
        const { errors, members } = declarationsOf(eventTypes(input));
        assert.equal(errors, 0);
        const inOrder = (lists: readonly (readonly string[])[]): string[] =>
          lists.map(list => JSON.stringify(list)).sort();
        const expected = [...input.modules, ...input.subforms].map(module =>
          module.fields.map(({ apiName }) => apiName).sort(),
        );
        const found = [...members].filter(([type]) => /(Fields|Row)$/.test(type) && type !== "DeletedFields");
        assert.deepEqual(inOrder(found.map(([, properties]) => properties)), inOrder(expected));
        assert.deepEqual(readEventTypesSource(eventTypes(input))?.organization, name);
      }),
      { seed: 20_260_105, numRuns: 300 },
    );
  });
});
