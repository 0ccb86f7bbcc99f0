import fc from "fast-check";

const record = "6756839000000575405";

/** A delivery as Zoho documents it. */
export const usualDelivery = {
  server_time: 1_750_102_639_787,
  affected_values: [{ record_id: record, values: { Phone: "555-1111" } }],
  query_params: {},
  module: "Leads",
  resource_uri: "https://www.zohoapis.com/crm/v2/Leads",
  ids: [record],
  affected_fields: [{ [record]: ["Phone"] }],
  operation: "update",
  channel_id: "1105420521999070702",
  token: "token-of-the-test",
} as const;

/** Forms in which any member may come, whatever it is for. */
const odd = fc.constantFrom<unknown>(
  ...[null, undefined, true, 0, -1, 1.5, 1e300, 42, Number.MAX_SAFE_INTEGER, "", " ", "42", "text", "-7", "1.5"],
  ...[
    "9223372036854775807",
    [],
    {},
    [null],
    [[]],
    ["A", null, 5],
    { a: 1 },
    { "7": ["A"] },
    { id: "7", api_name: "Leads" },
  ],
  ...[
    [{ "7": ["A"] }, { "7": ["B"], x: ["C"] }, "Phone"],
    [{ record_id: "7", values: { A: 1 } }, { record_id: 7 }],
  ],
  ...[
    [{ record_id: "7", values: null }],
    ["7", "7", 8, { id: "9" }],
    JSON.parse('{"__proto__": ["A"], "constructor": 1}'),
  ],
);

const word = fc.constantFrom("insert", "UPDATE", "Delete", "restore", "merge", " edit ", "none");

/** Deliveries with any member missing, null, of another form, or with a word that nobody has met. As JSON. */
export const oddDelivery: fc.Arbitrary<string> = fc
  .record(
    {
      server_time: fc.oneof(fc.constant<unknown>(usualDelivery.server_time), odd),
      channel_id: fc.oneof(fc.constant<unknown>(usualDelivery.channel_id), odd),
      ids: fc.oneof(fc.constant<unknown>(usualDelivery.ids), odd),
      operation: fc.oneof(word, odd),
      module: fc.oneof(fc.constant<unknown>(usualDelivery.module), odd),
      token: fc.oneof(fc.constant<unknown>(usualDelivery.token), odd),
      query_params: odd,
      affected_fields: fc.oneof(fc.constant<unknown>(usualDelivery.affected_fields), odd),
      affected_values: fc.oneof(fc.constant<unknown>(usualDelivery.affected_values), odd),
      more: odd,
    },
    { requiredKeys: ["module"] },
  )
  .map(members => JSON.stringify(members));
