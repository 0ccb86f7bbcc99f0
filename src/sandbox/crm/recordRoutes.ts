import type { BehaviourSwitches } from "../behaviour.ts";
import { type Answer, empty, json } from "../http/answer.ts";
import type { PathParameters } from "../http/router.ts";
import type { RequiredScope } from "../oauth/scopes.ts";
import type { JsonObject } from "../state/json.ts";
import type { MovableClock } from "../state/movableClock.ts";
import { type ItemResult, itemsAnswer, refusals } from "./apiError.ts";
import { type CrmCall, bodyItems } from "./crmCall.ts";
import { type CrmRoute, crmRoute } from "./crmRoutes.ts";
import { listDeletedRecords } from "./deletedRecords.ts";
import { MassUpdates } from "./massUpdate.ts";
import type { Module } from "./module.ts";
import type { ModuleCatalog } from "./moduleCatalog.ts";
import { describeRecord } from "./record.ts";
import { listRecords } from "./recordLists.ts";
import type { Records } from "./records.ts";
import { permissionRefusal } from "./rights.ts";
import { searchRecords } from "./search.ts";
import { upsertRecords } from "./upsert.ts";

export interface RecordRoutesContext {
  readonly records: Records;
  readonly catalog: ModuleCatalog;
  readonly behaviour: BehaviourSwitches;
  readonly clock: MovableClock;
}

type ModuleHandler = (
  context: RecordRoutesContext,
  module: Module,
  call: CrmCall,
  parameters: PathParameters,
) => Answer;

const recordsPerCall = 100;

/** Records of every module: list, search, read, create, update, upsert, mass update, delete, and what was deleted. */
export function recordRoutes(context: RecordRoutesContext): readonly CrmRoute[] {
  const massUpdates = new MassUpdates(context.records);
  const onModule = (
    method: string,
    pattern: string,
    operation: RequiredScope["operation"],
    handler: ModuleHandler,
    group: RequiredScope["group"] = "modules",
  ): CrmRoute =>
    crmRoute(method, pattern, scopeOf(operation, group), (call, parameters) => {
      const module = context.catalog.named(parameters["module"] ?? "");
      if (module === undefined) return unknownModule(parameters);
      return permissionRefusal(call.user, operation, module.apiName) ?? handler(context, module, call, parameters);
    });
  return [
    onModule("GET", ":module/deleted", "READ", ({ records, clock }, module, call) =>
      listDeletedRecords(records, module, call, clock.now()),
    ),
    onModule("GET", ":module/search", "READ", ({ records, clock }, module, call) =>
      searchRecords(records, module, call, clock.now()),
    ),
    onModule("POST", ":module/upsert", "CREATE", upsert),
    onModule("GET", ":module", "READ", ({ records, clock }, module, call) =>
      listRecords(records, module, call, clock.now()),
    ),
    onModule("POST", ":module", "CREATE", create),
    onModule("PUT", ":module", "UPDATE", update),
    onModule("DELETE", ":module", "DELETE", deleteByParameter),
    onModule("GET", ":module/:id", "READ", readOne),
    onModule("PUT", ":module/:id", "UPDATE", updateOne),
    onModule("DELETE", ":module/:id", "DELETE", deleteOne),
    onModule(
      "POST",
      massUpdatePath,
      "UPDATE",
      (_context, module, call) => massUpdates.start(module, call, results => answer(context, 200, results)),
      "mass_update",
    ),
    onModule("GET", massUpdatePath, "READ", (_context, _module, call) => massUpdates.status(call), "mass_update"),
  ];
}

/** What could be a record's address names a module that does not exist; all else is no address at all. */
function unknownModule({ id = "0" }: PathParameters): Answer {
  return recordId.test(id) ? refusals.invalidModule({ resource_path_index: 0 }) : refusals.urlPattern();
}

const recordId = /^\d+$/;

const massUpdatePath = ":module/actions/mass_update";

function scopeOf(operation: RequiredScope["operation"], group: RequiredScope["group"]): CrmRoute["scope"] {
  return ({ module }) => ({ group, operation, ...(module === undefined ? {} : { part: module }) });
}

function answer({ behaviour }: RecordRoutesContext, success: number, results: readonly ItemResult[]): Answer {
  return itemsAnswer("data", results, success, behaviour.current.mixedResultStatus);
}

function readOne(
  { records }: RecordRoutesContext,
  module: Module,
  _call: CrmCall,
  { id = "" }: PathParameters,
): Answer {
  if (!recordId.test(id)) return refusals.invalidId();
  const record = records.get(module, id);
  return record === undefined ? empty(204) : json(200, { data: [describeRecord(module, record)] });
}

function create(context: RecordRoutesContext, module: Module, call: CrmCall): Answer {
  const items = bodyItems(call, "data", recordsPerCall);
  if (!items.ok) return items.error;
  return answer(context, 201, context.records.create(module, items.value, { actor: call.user }));
}

function upsert(context: RecordRoutesContext, module: Module, call: CrmCall): Answer {
  const items = bodyItems(call, "data", recordsPerCall);
  if (!items.ok) return items.error;
  return answer(context, 200, upsertRecords(context.records, module, items.value, call.user));
}

function update(context: RecordRoutesContext, module: Module, call: CrmCall): Answer {
  const items = bodyItems(call, "data", recordsPerCall);
  if (!items.ok) return items.error;
  return answer(context, 200, context.records.update(module, items.value, { actor: call.user }));
}

function updateOne(context: RecordRoutesContext, module: Module, call: CrmCall, { id = "" }: PathParameters): Answer {
  const items = bodyItems(call, "data", 1);
  if (!items.ok) return items.error;
  const named = items.value.map((item): JsonObject => ({ ...item, id }));
  return answer(context, 200, context.records.update(module, named, { actor: call.user }));
}

function deleteByParameter(context: RecordRoutesContext, module: Module, call: CrmCall): Answer {
  const ids = (call.request.query.get("ids") ?? "").split(",").filter(id => id !== "");
  if (ids.length === 0) return refusals.parameterMissing("ids");
  if (ids.length > recordsPerCall) return refusals.invalidParameter("ids", { maximum_length: recordsPerCall });
  return answer(context, 200, context.records.delete(module, ids, { actor: call.user }));
}

function deleteOne(context: RecordRoutesContext, module: Module, call: CrmCall, { id = "" }: PathParameters): Answer {
  return answer(context, 200, context.records.delete(module, [id], { actor: call.user }));
}
