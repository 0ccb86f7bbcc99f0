import { type Result, fail, succeed } from "../../../base/result.ts";
import type { ZohoProblem } from "../../../zoho/problem.ts";
import type { CallOptions, ZohoApi } from "../../../zoho/zohoClient.ts";
import type { EventTypesInput, ModuleMetadata } from "./eventTypes.ts";

type Metadata = Pick<EventTypesInput, "modules" | "subforms">;

/**
 * The fields of `modules`, and of the rows of their subforms: one call for each, one after the other. A subform that this
 * user may not see is left out.
 */
export async function readModuleMetadata(
  client: Pick<ZohoApi, "modules" | "fields">,
  modules: readonly string[],
  options: CallOptions = {},
): Promise<Result<Metadata, ZohoProblem>> {
  const all = await client.modules(options);
  if (!all.ok) return all;
  const labels = new Map(all.value.items.map(({ apiName, pluralLabel }) => [apiName, pluralLabel]));
  const read: ModuleMetadata[] = [];
  for (const apiName of modules) {
    const fields = await client.fields(apiName, options);
    if (!fields.ok) return fail(fields.error);
    read.push({ apiName, label: labels.get(apiName) ?? apiName, fields: fields.value.items });
  }
  const subforms: ModuleMetadata[] = [];
  for (const apiName of new Set(read.flatMap(({ fields }) => fields.flatMap(field => field.subformModule ?? [])))) {
    const fields = await client.fields(apiName, options);
    if (fields.ok) subforms.push({ apiName, label: labels.get(apiName) ?? apiName, fields: fields.value.items });
  }
  return succeed({ modules: read, subforms });
}
