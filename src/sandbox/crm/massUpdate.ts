import { parseJson } from "../../base/json.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { type Answer, json } from "../http/answer.ts";
import { bodyText } from "../http/sandboxRequest.ts";
import { organizationId } from "../state/idSource.ts";
import { type JsonObject, isJsonArray, isJsonObject } from "../state/json.ts";
import { type ItemResult, apiError, apiSuccess, refusals } from "./apiError.ts";
import { type CrmCall, bodyItems } from "./crmCall.ts";
import type { Module } from "./module.ts";
import type { Records } from "./records.ts";

const idsPerCall = 500;
const recordsPerJob = 50_000;

const firstJob = 900_000_001;

/** Mass update: of records by id, at once; of a custom view, as a job whose status one asks for. */
export class MassUpdates {
  readonly #records: Records;
  readonly #jobs = new Map<string, JsonObject>();

  constructor(records: Records) {
    this.#records = records;
  }

  /** `POST /{module}/actions/mass_update`; `answer` makes one of the results of the records named by id. */
  start(module: Module, call: CrmCall, answer: (results: readonly ItemResult[]) => Answer): Answer {
    const asked = readMassUpdate(call);
    if (!asked.ok) return asked.error;
    const { values, ids, viewId } = asked.value;
    if (ids !== undefined) return answer(this.#update(module, ids, values, call));
    if (viewId !== customViewId(module)) return refusals.body(invalid("cvid", {}));
    const all = this.#records.list(module).map(({ id }) => id);
    return this.#finish(this.#update(module, all.slice(0, recordsPerJob), values, call));
  }

  /** `GET /{module}/actions/mass_update?job_id=` */
  status(call: CrmCall): Answer {
    const id = call.request.query.get("job_id");
    if (id === null) return refusals.parameterMissing("job_id");
    const job = this.#jobs.get(id);
    return job === undefined ? refusals.invalidParameter("job_id") : json(200, { data: [job] });
  }

  #update(module: Module, ids: readonly string[], values: JsonObject, { user }: CrmCall): readonly ItemResult[] {
    return this.#records.update(
      module,
      ids.map(id => ({ ...values, id })),
      { actor: user },
    );
  }

  /** The work is done before the answer goes out; Zoho would do it later. */
  #finish(results: readonly ItemResult[]): Answer {
    const job_id = organizationId(firstJob + this.#jobs.size);
    const failed = results.filter(({ ok }) => !ok).length;
    this.#jobs.set(job_id, {
      Status: "COMPLETED",
      Failed_Count: failed,
      Updated_Count: results.length - failed,
      Not_Updated_Count: 0,
      Total_Count: results.length,
    });
    return json(200, { data: [apiSuccess("mass update scheduled successfully", { job_id })] });
  }
}

interface MassUpdate {
  readonly values: JsonObject;
  readonly ids: readonly string[] | undefined;
  readonly viewId: string | undefined;
}

function readMassUpdate(call: CrmCall): Result<MassUpdate, Answer> {
  const items = bodyItems(call, "data", 1);
  if (!items.ok) return items;
  const body = parseJson(bodyText(call.request));
  const { ids, cvid } = body.ok && isJsonObject(body.value) ? body.value : {};
  const values = items.value[0] ?? {};
  if (typeof cvid === "string" && ids === undefined) return succeed({ values, ids: undefined, viewId: cvid });
  if (cvid !== undefined) return fail(refusals.body(ambiguous));
  if (ids === undefined)
    return fail(refusals.body(apiError("MANDATORY_NOT_FOUND", "required field not found", where("ids"))));
  const texts = isJsonArray(ids) ? ids.filter(id => typeof id === "string") : [];
  if (!isJsonArray(ids) || texts.length < ids.length || texts.length === 0) {
    return fail(refusals.body(invalid("ids", { expected_data_type: "jsonarray" })));
  }
  if (texts.length > idsPerCall) return fail(refusals.body(invalid("ids", { maximum_length: idsPerCall })));
  return succeed({ values, ids: texts, viewId: undefined });
}

const ambiguous = apiError("AMBIGUITY_DURING_PROCESSING", "ambiguity while processing the request", where("cvid"));

function invalid(name: string, details: JsonObject): ReturnType<typeof apiError> {
  return apiError("INVALID_DATA", "invalid data", { ...where(name), ...details });
}

function where(name: string): JsonObject {
  return { api_name: name, json_path: `$.${name}` };
}

/** The id of the one custom view that a module has here: all of its records. */
function customViewId({ id }: Module): string {
  return organizationId(100_000_000 + Number(id.slice(-9)));
}

/** How `/settings/custom_views` shows it. */
export function describeCustomView(module: Module): JsonObject {
  return {
    id: customViewId(module),
    name: `All ${module.plural}`,
    system_name: "ALLVIEWS",
    display_value: `All ${module.plural}`,
    default: true,
    system_defined: true,
    favorite: null,
    category: "public_views",
    module: { api_name: module.apiName, id: module.id },
  };
}
