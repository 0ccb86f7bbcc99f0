import { type Result, fail, succeed } from "../../base/result.ts";
import type { SandboxBehaviour } from "../behaviour.ts";
import type { ApiError } from "../crm/apiError.ts";
import type { Module } from "../crm/module.ts";
import { type JsonObject, type JsonValue, isJsonArray, isJsonObject } from "../state/json.ts";
import { conditionErrors as errors } from "./conditionErrors.ts";

/** What the conditions of an item may name. */
export interface ConditionRules {
  /** The modules of the item's events. */
  readonly modules: readonly Module[];
  /** Every module of the organisation. */
  readonly allModules: readonly Module[];
  readonly foreignIds: SandboxBehaviour["foreignConditionIds"];
}

type Read<T> = Result<T, ApiError>;

const mostFields = 10;
const groupSize = 2;

/** Reads a `notification_condition` into the form in which GET shows it, or says what is wrong with it first. */
export function readConditions(given: JsonValue, path: string, rules: ConditionRules): Read<JsonObject[]> {
  if (!isJsonArray(given)) return fail(errors.invalid(path));
  return each(given, (condition, index) => readCondition(condition, `${path}[${index}]`, rules));
}

function readCondition(given: JsonValue, path: string, rules: ConditionRules): Read<JsonObject> {
  if (!isJsonObject(given)) return fail(errors.ofWrongType(path, "jsonobject"));
  const fault = typeFault(given["type"], `${path}.type`);
  if (fault !== undefined) return fail(fault);
  const module = readModule(given["module"], `${path}.module`, rules);
  if (!module.ok) return module;
  const selection = readWholeSelection(given["field_selection"], path, { module: module.value, rules });
  if (!selection.ok) return selection;
  const { apiName: api_name, id } = module.value;
  return succeed({ type: "field_selection", module: { api_name, id }, field_selection: selection.value });
}

function typeFault(given: JsonValue | undefined, path: string): ApiError | undefined {
  if (isAbsent(given)) return errors.missing(path);
  if (typeof given !== "string") return errors.ofWrongType(path, "text");
  return given === "field_selection" ? undefined : errors.unsupported(path, ["field_selection"]);
}

function readModule(given: JsonValue | undefined, path: string, rules: ConditionRules): Read<Module> {
  if (isAbsent(given)) return fail(errors.moduleNotFound(path));
  if (!isJsonObject(given)) return fail(errors.ofWrongType(path, "jsonobject"));
  const { modules, allModules, foreignIds } = rules;
  return readReference(given, path, {
    candidates: modules,
    known: allModules,
    foreignIds,
    unknown: () => errors.moduleNotFound(path),
  });
}

interface SelectionContext {
  readonly module: Module;
  readonly rules: ConditionRules;
}

function readWholeSelection(given: JsonValue | undefined, path: string, context: SelectionContext): Read<JsonObject> {
  const where = `${path}.field_selection`;
  if (isAbsent(given)) return fail(errors.selectionMissing(where, `${path}.type`));
  const selection = readSelection(given, where, context);
  const isTooLong = selection.ok && countFields(selection.value) > mostFields;
  return isTooLong ? fail(errors.tooManyFields(where, mostFields)) : selection;
}

/** A field, or a group of two selections; what it is not is null. */
function readSelection(given: JsonValue, path: string, context: SelectionContext): Read<JsonObject> {
  if (!isJsonObject(given)) return fail(errors.ofWrongType(path, "jsonobject"));
  const { field, group, group_operator: operator } = given;
  if (!isAbsent(group)) return readGroup(group, operator, path, context);
  const read = readField(field, `${path}.field`, context);
  return read.ok ? succeed({ field: read.value, group_operator: null, group: null }) : read;
}

function readGroup(
  group: JsonValue,
  operator: JsonValue | undefined,
  path: string,
  context: SelectionContext,
): Read<JsonObject> {
  const fault = operatorFault(operator, `${path}.group_operator`);
  if (fault !== undefined) return fail(fault);
  const where = `${path}.group`;
  if (!isJsonArray(group)) return fail(errors.ofWrongType(where, "jsonarray"));
  if (group.length !== groupSize) return fail(errors.invalid(where, { maximum_length: groupSize }));
  const members = each(group, (member, index) => readSelection(member, `${where}[${index}]`, context));
  return members.ok ? succeed({ group_operator: operator ?? null, group: members.value }) : members;
}

function operatorFault(given: JsonValue | undefined, path: string): ApiError | undefined {
  if (isAbsent(given)) return errors.missing(path);
  if (typeof given !== "string") return errors.ofWrongType(path, "text");
  return given === "and" || given === "or" ? undefined : errors.unsupported(path, ["or", "and"]);
}

function readField(given: JsonValue | undefined, path: string, context: SelectionContext): Read<JsonObject> {
  if (isAbsent(given)) return fail(errors.fieldMissing(path));
  if (!isJsonObject(given)) return fail(errors.ofWrongType(path, "jsonobject"));
  const { fields } = context.module;
  const { foreignIds } = context.rules;
  const unknown = (): ApiError => errors.invalid(`${path}.api_name`);
  const field = readReference(given, path, { candidates: fields, known: fields, foreignIds, unknown });
  return field.ok ? succeed({ api_name: field.value.apiName, id: field.value.id }) : field;
}

interface Named {
  readonly id: string;
  readonly apiName: string;
}

interface ReferenceRules<T extends Named> {
  /** What may be referred to. */
  readonly candidates: readonly T[];
  /** What else the organisation has of the kind: an id of these is not foreign. */
  readonly known: readonly Named[];
  readonly foreignIds: SandboxBehaviour["foreignConditionIds"];
  readonly unknown: () => ApiError;
}

/** What `api_name`, `id`, or both refer to; both have to agree, unless the id is a foreign one and those are accepted. */
function readReference<T extends Named>(given: JsonObject, path: string, rules: ReferenceRules<T>): Read<T> {
  const { api_name: name, id } = given;
  if (isAbsent(name) && isAbsent(id)) return fail(errors.neitherNameNorId(path));
  if (!isAbsent(name) && typeof name !== "string") return fail(errors.ofWrongType(`${path}.api_name`, "string"));
  if (!isAbsent(id) && typeof id !== "string") return fail(errors.idOfWrongType(path));
  const found = rules.candidates.find(each => (isAbsent(name) ? each.id === id : each.apiName === name));
  if (found === undefined) return fail(rules.unknown());
  const isForeign = rules.foreignIds === "accept" && !rules.known.some(each => each.id === id);
  return isAbsent(id) || id === found.id || isForeign ? succeed(found) : fail(errors.nameAndIdDisagree(path));
}

function countFields({ group }: JsonObject): number {
  if (!isJsonArray(group)) return 1;
  return group.filter(isJsonObject).reduce((sum, member) => sum + countFields(member), 0);
}

function isAbsent(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** All of them read, or the first that cannot be. */
function each<T>(items: readonly JsonValue[], read: (item: JsonValue, index: number) => Read<T>): Read<T[]> {
  const done: T[] = [];
  for (const [index, item] of items.entries()) {
    const one = read(item, index);
    if (!one.ok) return one;
    done.push(one.value);
  }
  return succeed(done);
}
