import { assertNever } from "../../base/assertNever.ts";
import type { RecordChange } from "../crm/records.ts";
import { describeRecord } from "../crm/record.ts";
import type { OutgoingRequest } from "../deliveries/sendRequest.ts";
import { type JsonObject, type JsonValue, isJsonObject } from "../state/json.ts";
import type { WebhookParameter, WebhookRule } from "./webhookRule.ts";

type Fill = (text: string) => string;
type Field = readonly [name: string, value: string];

interface Content {
  readonly type: string;
  readonly body: string;
}

/** The request by which a rule tells of one change. */
export function webhookRequest(rule: WebhookRule, change: RecordChange): OutgoingRequest {
  const record = describeRecord(change.module, change.record);
  const fill: Fill = text => filled(text, change.module.apiName, record);
  const parameters = (place: WebhookParameter["in"]): readonly Field[] =>
    rule.parameters.filter(parameter => parameter.in === place).map(({ name, value }) => [name, fill(value)]);
  const content = rule.method === "GET" ? undefined : contentOf(rule, parameters("form"), fill);
  return {
    method: rule.method,
    url: withParameters(rule.url, parameters("url")),
    headers: {
      ...Object.fromEntries(parameters("header").map(([name, value]) => [name, headerText(value)])),
      ...(content === undefined ? {} : { "Content-Type": content.type }),
    },
    body: content?.body,
  };
}

const rawTypes = {
  json: "application/json;charset=UTF-8",
  xml: "application/xml;charset=UTF-8",
  text: "text/plain;charset=UTF-8",
  html: "text/html;charset=UTF-8",
} as const;

function contentOf({ id, body }: WebhookRule, form: readonly Field[], fill: Fill): Content | undefined {
  switch (body.type) {
    case "none":
      return undefined;
    case "urlencoded":
      return {
        type: "application/x-www-form-urlencoded;charset=UTF-8",
        body: new URLSearchParams(pairs(form)).toString(),
      };
    case "form-data":
      return multipart(form, `----ZohoCRMSandbox${id}`);
    case "raw":
      return { type: rawTypes[body.format], body: fill(body.text) };
    default:
      return assertNever(body);
  }
}

function pairs(fields: readonly Field[]): [string, string][] {
  return fields.map(([name, value]) => [name, value]);
}

function multipart(fields: readonly Field[], boundary: string): Content {
  const parts = fields.map(([name, value]) => {
    const quoted = name.replaceAll('"', "%22");
    return `--${boundary}\r\nContent-Disposition: form-data; name="${quoted}"\r\n\r\n${value}\r\n`;
  });
  return { type: `multipart/form-data; boundary=${boundary}`, body: `${parts.join("")}--${boundary}--\r\n` };
}

function withParameters(address: string, parameters: readonly Field[]): string {
  const url = new URL(address);
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  return url.href;
}

/** Headers hold one line of Latin letters; what else a record says goes percent-encoded. */
function headerText(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, character => encodeURIComponent(character));
}

/** The text with `${Module.Field}` (or `${!Module.Field}`) replaced by the record's value; blank where there is none. */
function filled(text: string, module: string, record: JsonObject): string {
  return text.replace(/\$\{!?([A-Za-z_]+)\.([A-Za-z_]+)\}/g, (placeholder, named: string, field: string) =>
    named === module ? shown(record[field === "Id" ? "id" : field] ?? null) : placeholder,
  );
}

function shown(value: JsonValue): string {
  if (value === null) return "";
  if (isJsonObject(value)) return shown(value["name"] ?? value["id"] ?? null);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
