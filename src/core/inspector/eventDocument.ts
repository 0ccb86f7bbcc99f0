import type { EventDetail, RowContent } from "../../protocol/inspector.ts";

/**
 * One event as plain text: what it says in a sentence, then the request as it was sent, to the byte where it is text.
 * For people who read in the editor rather than in the inspector, and for screen readers.
 */
export function formatEventDocument(detail: EventDetail): string {
  if (detail.row.content.kind === "recovered") return formatRecovery(detail, detail.row.content);
  const { request, row, sequence } = detail;
  const target = `${request.path}${request.query === "" ? "" : `?${request.query}`}`;
  return [
    `# ${detail.explanation}`,
    `# Received ${new Date(row.receivedAt).toISOString()}, number ${sequence} of its channel`,
    "",
    `${request.method} ${target === "" ? "/" : target}`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    "",
    bodyText(detail),
  ].join("\n");
}

/** There was no request: the record as the CRM gave it is all there is. */
function formatRecovery(detail: EventDetail, { changedAt, changedBy }: RowContent & { kind: "recovered" }): string {
  const who = changedBy === undefined ? "" : ` by ${changedBy}`;
  return [
    `# ${detail.explanation}`,
    `# Changed ${new Date(changedAt).toISOString()}${who}, found ${new Date(detail.row.receivedAt).toISOString()}`,
    "",
    bodyText(detail),
  ].join("\n");
}

function bodyText({ body, row }: EventDetail): string {
  if (body.text !== undefined)
    return body.truncated ? `${body.text}\n# … cut; the body has ${row.bytes} bytes` : body.text;
  return `# The body is not text; its ${row.bytes} bytes in base64:\n${body.base64 ?? ""}`;
}
