import { utf8DecodeStrict } from "../../base/bytes.ts";

/** One field of a form as it was sent. */
export interface FormField {
  readonly name: string;
  /** Text where it is UTF-8; of other bytes only the number is told. */
  readonly value: string | undefined;
  /** In bytes. */
  readonly size: number;
  readonly fileName?: string;
}

/** More fields than this are not read. */
export const mostFields = 1_000;

/** Reads `a=1&b=2`, order and repetition kept. What is not percent-encoded as it should be is taken as it is. */
export function readUrlencoded(text: string): FormField[] {
  return text
    .split("&", mostFields)
    .filter(pair => pair !== "")
    .map(pair => {
      const at = pair.indexOf("=");
      const value = at === -1 ? "" : decodePart(pair.slice(at + 1));
      return { name: decodePart(at === -1 ? pair : pair.slice(0, at)), value, size: Buffer.byteLength(value) };
    });
}

function decodePart(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/**
 * Reads the parts of a multipart/form-data body (RFC 7578); undefined where `contentType` names no boundary or the body
 * has none of it.
 */
export function readMultipart(body: Uint8Array, contentType: string): FormField[] | undefined {
  const boundary = boundaryOf(contentType);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${boundary ?? ""}`, "latin1");
  let at = boundary === undefined ? -1 : bytes.indexOf(delimiter);
  if (at === -1) return undefined;
  const fields: FormField[] = [];
  while (fields.length < mostFields) {
    const start = at + delimiter.length;
    const end = bytes.indexOf(delimiter, start);
    if (end === -1) break;
    fields.push(...readPart(bytes.subarray(start, end)));
    at = end;
  }
  return fields;
}

function boundaryOf(contentType: string): string | undefined {
  const found = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
}

/** A line break, header lines, an empty line, the value, a line break. */
function readPart(part: Buffer): FormField[] {
  const gap = part.indexOf("\r\n\r\n");
  if (gap === -1) return [];
  const head = part.subarray(0, gap).toString("utf8");
  const bytes = part.subarray(gap + 4, Math.max(gap + 4, part.length - 2));
  const name = parameterOf(head, "name");
  const fileName = parameterOf(head, "filename");
  if (name === undefined) return [];
  const value = utf8DecodeStrict(bytes);
  return [{ name, value, size: bytes.length, ...(fileName === undefined ? {} : { fileName }) }];
}

function parameterOf(head: string, name: string): string | undefined {
  const found = new RegExp(`^content-disposition:[^\\r\\n]*;\\s*${name}=(?:"([^"\\r\\n]*)"|([^;\\s]*))`, "im").exec(
    head,
  );
  const value = found?.[1] ?? found?.[2];
  return value?.replace(/%0D|%0A|%22/gi, escape => decodeURIComponent(escape));
}
