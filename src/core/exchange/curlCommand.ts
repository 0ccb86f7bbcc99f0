import * as l10n from "@vscode/l10n";
import type { Problem } from "../../base/problem.ts";
import { type Result, fail, succeed } from "../../base/result.ts";
import {
  type TextParts,
  cmdWord,
  posixCommand,
  posixWord,
  powershellArgument,
  powershellText,
} from "../../base/shell.ts";
import { assertNever } from "../../base/assertNever.ts";
import { utf8Decode, utf8Encode } from "../../base/bytes.ts";
import type { RedactedBody } from "../events/redaction.ts";
import { type OutgoingRequest, headerValue } from "./outgoingRequest.ts";
import { handlerUrl } from "./handlerUrl.ts";

/** The command lines that a command for curl can be written for. */
export type Shell = "posix" | "powershell" | "cmd";

/** The request as a command that sends it, to the byte of its body, to the handler at `handler`. */
export function curlCommand(request: OutgoingRequest, handler: string, shell: Shell): Result<string, Problem> {
  switch (shell) {
    case "posix":
      return succeed(posixCurl(request, handler));
    case "powershell":
      return succeed(powershellCurl(request, handler));
    case "cmd":
      return cmdCurl(request, handler);
    default:
      return assertNever(shell);
  }
}

/** A command's options, one in a line. */
type Line = readonly (string | TextParts)[];

/** Everything but the body. */
function linesOf(request: OutgoingRequest, handler: string): readonly Line[] {
  const url = handlerUrl(handler, request);
  const method: Line = request.method === "HEAD" ? ["--head"] : ["--request", [request.method]];
  return [[...method, url], ...curiousUrl(url).map(option => [option]), ...headerLines(request)];
}

/** What keeps curl from reading patterns in an address, or tidying its path. */
function curiousUrl(url: TextParts): readonly string[] {
  const text = url.filter(part => typeof part === "string").join("");
  return [
    ...(/[[\]{}]/.test(text) ? ["--globoff"] : []),
    ...(/\/\.{1,2}(?:[/?#]|$)/.test(text) ? ["--path-as-is"] : []),
  ];
}

function headerLines({ headers, body }: OutgoingRequest): readonly Line[] {
  const given = headers
    .filter(([name]) => name.toLowerCase() !== "accept-encoding")
    .map(([name, value]) => (value.trim() === "" ? `${name};` : `${name}: ${asText(value)}`));
  // Without one, curl says that a body is a form.
  const none = body.kind !== "none" && headerValue(headers, "content-type") === "" ? ["Content-Type:"] : [];
  return [...given, ...none].map(header => ["--header", [header]]);
}

/** Header values are bytes read as Latin-1; a terminal speaks UTF-8. */
function asText(value: string): string {
  return utf8Decode(Buffer.from(value, "latin1"));
}

/** Longer arguments are refused by Linux. */
const longestArgument = 96 * 1024;

function posixCurl(request: OutgoingRequest, handler: string): string {
  const lines = linesOf(request, handler).map(line =>
    line.map(part => (isWord(part) ? posixWord(part) : part)).join(" "),
  );
  const { body } = request;
  if (body.kind === "none") return posixCommand(curl(lines));
  if (body.kind === "bytes" || !isTypable(body.parts))
    return `${posixBytes(body)} | ${posixCommand(curl([...lines, "--data-binary @-"]))}`;
  const text = posixWord(body.parts);
  return text.length > longestArgument
    ? `printf %s ${text} | ${posixCommand(curl([...lines, "--data-binary @-"]))}`
    : posixCommand(curl([...lines, `--data-raw ${text}`]));
}

/** A command that writes the body where quoting cannot: bytes that are no text, and characters that are keys. */
function posixBytes(body: Exclude<RedactedBody, { kind: "none" }>): string {
  if (body.kind === "bytes") return `printf %s ${base64(body.bytes)} | base64 --decode`;
  const pieces = body.parts.map(part =>
    typeof part === "string"
      ? `printf %s ${base64(utf8Encode(part))} | base64 --decode`
      : `printf %s "$${part.variable}"`,
  );
  return pieces.length === 1 ? pieces.join("") : `{ ${pieces.join("; ")}; }`;
}

function base64(bytes: Uint8Array): string {
  return `'${Buffer.from(bytes).toString("base64")}'`;
}

/** In any version of PowerShell the body has to come from a file, if its bytes are to stay what they are. */
function powershellCurl(request: OutgoingRequest, handler: string): string {
  const lines = linesOf(request, handler).map(line =>
    line.map(part => (isWord(part) ? powershellArgument(part) : part)).join(" "),
  );
  const { body } = request;
  const legacy = "$PSNativeCommandArgumentPassing = 'Legacy'";
  if (body.kind === "none") return powershellBlock([legacy, powershellLines(lines)]);
  return powershellBlock([
    legacy,
    "$body = New-TemporaryFile",
    `[IO.File]::WriteAllBytes($body.FullName, ${powershellBytes(body)})`,
    powershellLines([...lines, '--data-binary "@$($body.FullName)"']),
    "Remove-Item $body.FullName",
  ]);
}

function powershellBytes(body: Exclude<RedactedBody, { kind: "none" }>): string {
  if (body.kind === "text" && isTypable(body.parts))
    return `[Text.Encoding]::UTF8.GetBytes(${powershellText(body.parts)})`;
  const parts: TextParts = body.kind === "bytes" ? [] : body.parts;
  if (body.kind === "bytes") return `[Convert]::FromBase64String(${base64(body.bytes)})`;
  const terms = parts.map(part =>
    typeof part === "string"
      ? `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(${base64(utf8Encode(part))}))`
      : `$env:${part.variable}`,
  );
  return `[Text.Encoding]::UTF8.GetBytes(${terms.join(" + ")})`;
}

function powershellLines(lines: readonly string[]): string {
  return curl(lines, "curl.exe").join(" `\n    ");
}

function powershellBlock(statements: readonly string[]): string {
  return `& {\n${statements.map(statement => `  ${statement}`).join("\n")}\n}`;
}

/** The longest line that the Command Prompt takes. */
const longestCmdLine = 8_191;

function cmdCurl(request: OutgoingRequest, handler: string): Result<string, Problem> {
  const { body } = request;
  if (body.kind === "bytes") return fail(notForCmd());
  const data: readonly Line[] = body.kind === "text" ? [["--data-raw", body.parts]] : [];
  const words = [...linesOf(request, handler), ...data].map(line =>
    line.map(part => (isWord(part) ? cmdWord(part) : succeed(part))),
  );
  if (words.flat().some(word => !word.ok)) return fail(notForCmd());
  const lines = words.map(line => line.map(word => (word.ok ? word.value : "")).join(" "));
  const command = curl(lines).join(" ^\n  ");
  return command.length > longestCmdLine ? fail(notForCmd()) : succeed(command);
}

function notForCmd(): Problem {
  return {
    code: "NOT_FOR_COMMAND_PROMPT",
    message: l10n.t(
      "The Command Prompt cannot take this event: it is too long, or has line breaks or bytes that cannot be typed. Copy it for PowerShell.",
    ),
    remedy: "none",
  };
}

function curl([first = "", ...others]: readonly string[], program = "curl"): readonly string[] {
  return [`${program} ${first}`, ...others];
}

function isWord(part: string | TextParts): part is TextParts {
  return typeof part !== "string";
}

/** Without characters that a terminal takes for keys. */
function isTypable(parts: TextParts): boolean {
  return parts.every(part => typeof part !== "string" || !/[\u0000-\u0009\u000b-\u001f\u007f]/.test(part));
}
