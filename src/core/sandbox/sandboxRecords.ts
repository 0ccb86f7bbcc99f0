import * as l10n from "@vscode/l10n";
import * as v from "valibot";
import type { Clock } from "../../base/clock.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import { apiErrorSchema, problemOfAnswer, problemOfError } from "../../zoho/apiProblem.ts";
import type { HttpAnswer, HttpTransport } from "../../zoho/httpTransport.ts";
import { type ModuleInfo, modulesSchema } from "../../zoho/metadata.ts";
import { withOfflineRemedy } from "../../zoho/networkProblem.ts";
import type { ZohoProblem } from "../../zoho/problem.ts";
import type { ZohoApi } from "../../zoho/zohoClient.ts";
import { idSchema, readJson, unreadableProblem } from "../../zoho/wire.ts";
import type { Connection } from "../connections/connection.ts";
import { type FieldValue, type RecordField, recordFieldsSchema } from "./recordFields.ts";

/** A record as lists show it. */
export interface SandboxRecord {
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** All that was asked for, as the API gave it. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface SandboxRecordsOptions {
  readonly clients: {
    accessToken(connectionId: string): Promise<Result<string, ZohoProblem>>;
    for(connectionId: string): Pick<ZohoApi, "currentUser">;
  };
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

type Values = Readonly<Record<string, FieldValue>>;

/** Zoho's limit of fields that one list call names. */
const mostFields = 50;

/**
 * The records of the sandbox, over the same API that a program of anyone's would use. Refuses any connection that is not
 * a sandbox's: playing with a real CRM's records is not what this is for.
 */
export class SandboxRecords {
  readonly #options: SandboxRecordsOptions;

  constructor(options: SandboxRecordsOptions) {
    this.#options = options;
  }

  /** The modules whose records can be made. */
  async modules(connection: Connection): Promise<Result<readonly ModuleInfo[], Problem>> {
    const read = await this.#read(connection, "/settings/modules", modulesSchema);
    return read.ok
      ? succeed(read.value.items.filter(({ apiSupported, creatable }) => apiSupported && creatable))
      : read;
  }

  /** The fields that can be set, mandatory ones first. */
  async fields(connection: Connection, module: string): Promise<Result<readonly RecordField[], Problem>> {
    return this.#read(connection, `/settings/fields?module=${encodeURIComponent(module)}`, recordFieldsSchema);
  }

  /** At most 200 records, the last changed first, with the values of `fields`. */
  async list(
    connection: Connection,
    module: string,
    fields: readonly string[],
  ): Promise<Result<readonly SandboxRecord[], Problem>> {
    const names = [...new Set([...nameFields, ...fields])].slice(0, mostFields).join(",");
    const query = new URLSearchParams({ fields: names, sort_by: "Modified_Time", sort_order: "desc", per_page: "200" });
    return this.#read(connection, `/${module}?${query.toString()}`, recordsSchema);
  }

  /** Creates a record and gives its id. */
  async create(connection: Connection, module: string, values: Values): Promise<Result<string, Problem>> {
    return this.#write(connection, "POST", `/${module}`, { data: [values] });
  }

  async update(connection: Connection, module: string, id: string, values: Values): Promise<Result<string, Problem>> {
    return this.#write(connection, "PUT", `/${module}/${id}`, { data: [values] });
  }

  async delete(connection: Connection, module: string, id: string): Promise<Result<string, Problem>> {
    return this.#write(connection, "DELETE", `/${module}/${id}`);
  }

  async #read<T>(
    connection: Connection,
    path: string,
    schema: v.GenericSchema<unknown, T>,
  ): Promise<Result<T, Problem>> {
    const answer = await this.#call(connection, "GET", path);
    if (!answer.ok) return answer;
    if (answer.value.status !== 200 && answer.value.status !== 204) {
      return fail(problemOfAnswer(answer.value, this.#options.clock));
    }
    const body = answer.value.status === 204 ? succeed(undefined) : readJson(answer.value);
    const parsed = body.ok ? v.safeParse(schema, body.value) : undefined;
    return parsed?.success === true ? succeed(parsed.output) : fail(unreadableProblem(answer.value.status));
  }

  async #write(
    connection: Connection,
    method: "POST" | "PUT" | "DELETE",
    path: string,
    body?: object,
  ): Promise<Result<string, Problem>> {
    const answer = await this.#call(connection, method, path, body);
    return answer.ok ? this.#readWritten(answer.value) : answer;
  }

  #readWritten(answer: HttpAnswer): Result<string, Problem> {
    const body = readJson(answer);
    const parsed = body.ok ? v.safeParse(writtenSchema, body.value) : undefined;
    if (parsed?.success !== true) return fail(problemOfAnswer(answer, this.#options.clock));
    const [result] = parsed.output.data;
    return "id" in result ? succeed(result.id) : fail(problemOfError(result, answer, this.#options.clock));
  }

  /** Where the token is no longer taken, once more: the client that is asked in between gets itself a new one. */
  async #call(
    connection: Connection,
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: object,
  ): Promise<Result<HttpAnswer, Problem>> {
    if (connection.kind !== "sandbox") return fail(notASandboxProblem());
    const first = await this.#attempt(connection, method, path, body);
    if (!first.ok || first.value.status !== 401) return first;
    const mended = await this.#options.clients.for(connection.id).currentUser();
    return mended.ok ? this.#attempt(connection, method, path, body) : mended;
  }

  async #attempt(
    connection: Connection,
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: object,
  ): Promise<Result<HttpAnswer, Problem>> {
    const token = await this.#options.clients.accessToken(connection.id);
    if (!token.ok) return fail(withOfflineRemedy(token.error, "start-sandbox"));
    const answer = await this.#options.transport.send({
      method,
      url: `${connection.apiDomain}/crm/v8${path}`,
      headers: { authorization: `Zoho-oauthtoken ${token.value}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.ok ? answer : fail(withOfflineRemedy(answer.error, "start-sandbox"));
  }
}

function notASandboxProblem(): Problem {
  return {
    code: "NOT_A_SANDBOX_CONNECTION",
    message: l10n.t("Records can be changed from here in the local sandbox only. Connect to it first."),
    remedy: "start-sandbox",
  };
}

/** What people call a record, by kind of module, in the order in which it is looked for. */
const nameFields = [
  "Full_Name",
  "Deal_Name",
  "Account_Name",
  "Subject",
  "Name",
  "Product_Name",
  "Event_Title",
  "Solution_Title",
];

/** Nothing at all where a module has no records. */
const recordsSchema = v.pipe(
  v.optional(v.object({ data: v.array(v.looseObject({ id: idSchema })) }), { data: [] }),
  v.transform(({ data }): readonly SandboxRecord[] =>
    data.map(({ id, ...values }) => ({ id, name: nameOf(values) ?? id, values })),
  ),
);

function nameOf(values: Readonly<Record<string, unknown>>): string | undefined {
  const names = [...nameFields, ...Object.keys(values).filter(key => key.endsWith("_Name"))].map(key => values[key]);
  return names.find((value): value is string => typeof value === "string" && value !== "");
}

/** The first result of a write: the id of the record, or why it was refused. */
const writtenSchema = v.object({
  data: v.looseTuple([
    v.union([
      v.pipe(
        v.object({ code: v.literal("SUCCESS"), details: v.object({ id: idSchema }) }),
        v.transform(({ details }) => ({ id: details.id })),
      ),
      apiErrorSchema,
    ]),
  ]),
});
