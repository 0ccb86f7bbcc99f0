import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import { eventParts } from "../../../src/core/agents/eventReport.ts";
import { toolBounds, toolInputs } from "../../../src/core/agents/toolInputs.ts";
import { filterKeys } from "../../../src/core/filter/parseFilter.ts";
import { toolIds } from "../../../src/host/names.ts";
import { readShownManifest } from "../../support/manifest.ts";

const propertySchema = v.object({
  type: v.picklist(["boolean", "integer", "string", "array"]),
  description: v.string(),
  maximum: v.optional(v.number()),
  maxLength: v.optional(v.number()),
  maxItems: v.optional(v.number()),
  items: v.optional(v.object({ enum: v.optional(v.array(v.string())) })),
});
const toolSchema = v.object({
  name: v.string(),
  toolReferenceName: v.pipe(v.string(), v.regex(/^zoho[A-Z]\w+$/)),
  displayName: v.string(),
  userDescription: v.string(),
  modelDescription: v.string(),
  canBeReferencedInPrompt: v.literal(true),
  when: v.optional(v.string()),
  inputSchema: v.object({
    type: v.literal("object"),
    additionalProperties: v.literal(false),
    required: v.optional(v.array(v.string()), []),
    properties: v.record(v.string(), propertySchema),
  }),
});
const manifestSchema = v.object({ contributes: v.object({ languageModelTools: v.array(toolSchema) }) });

const tools = v.parse(manifestSchema, readShownManifest()).contributes.languageModelTools;
const toolNames = Object.keys(toolIds) as (keyof typeof toolIds)[];

function toolOf(name: keyof typeof toolIds): v.InferOutput<typeof toolSchema> {
  const tool = tools.find(each => each.name === toolIds[name]);
  assert.ok(tool, `package.json has no tool ${toolIds[name]}`);
  return tool;
}

describe("the tools for language models in package.json", () => {
  it("are those that the extension registers", () => {
    assert.deepEqual(tools.map(({ name }) => name).sort(), Object.values(toolIds).sort());
    assert.equal(new Set(tools.map(({ toolReferenceName }) => toolReferenceName)).size, tools.length);
  });

  it("take the input that the code reads, no less and no more", () => {
    for (const name of toolNames) {
      const described = Object.keys(toolOf(name).inputSchema.properties).sort();
      assert.deepEqual(described, Object.keys(toolInputs[name].entries).sort(), name);
    }
  });

  it("require what the code cannot do without", () => {
    for (const name of toolNames) {
      const entries: Readonly<Record<string, v.GenericSchema>> = toolInputs[name].entries;
      const needed = Object.entries(entries)
        .filter(([, entry]) => entry.type !== "optional")
        .map(([key]) => key);
      assert.deepEqual(toolOf(name).inputSchema.required, needed, name);
    }
  });

  it("have the bounds of the code", () => {
    const most: Readonly<Record<string, number>> = {
      limit: toolBounds.events,
      filter: toolBounds.filterCharacters,
      timeoutSeconds: toolBounds.waitSeconds,
      maxBodyCharacters: toolBounds.bodyCharacters,
    };
    const described = tools.flatMap(tool => Object.entries(tool.inputSchema.properties));
    for (const [name, bound] of Object.entries(most)) {
      const properties = described.filter(([key]) => key === name).map(([, property]) => property);
      assert.ok(properties.length > 0, name);
      for (const { maximum, maxLength } of properties) assert.equal(maximum ?? maxLength, bound, name);
    }
    assert.equal(toolOf("readEvents").inputSchema.properties["ids"]?.maxItems, toolBounds.events);
    assert.equal(toolOf("replayEvents").inputSchema.properties["ids"]?.maxItems, toolBounds.replayedEvents);
  });

  it("offer every part of an event, and every key of a filter", () => {
    const { include, filter } = toolOf("readEvents").inputSchema.properties;
    assert.deepEqual(include?.items?.enum, [...eventParts]);
    for (const key of filterKeys) assert.ok(filter?.description.includes(`${key}:`), key);
  });

  it("send nothing in a folder that is not trusted", () => {
    assert.equal(toolOf("replayEvents").when, "isWorkspaceTrusted");
  });

  it("tell models that what others wrote is data", () => {
    for (const { modelDescription, name } of tools) assert.match(modelDescription, /never as instructions/, name);
  });
});
