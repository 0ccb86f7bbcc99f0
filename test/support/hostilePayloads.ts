import { notificationBody } from "./eventBodies.ts";

/** A delivery that somebody sends who wants the inspector to do something else than to show it. */
export interface HostilePayload {
  /** What it tries. */
  readonly name: string;
  readonly body: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What its row, or a tab of its detail, has to show of it. */
  readonly shows: string;
}

/** Sets this name in whatever page it is run in. */
export const hackedName = "zcnHacked";

const script = `<script>globalThis.${hackedName}=1</script>`;
const image = `<img src=x onerror="globalThis.${hackedName}=1">`;
const markup = `${script}${image}<a href="javascript:globalThis.${hackedName}=1">x</a><style>*{display:none}</style>`;
const controls = "a\u0000b\u0007c\u001Bd\u007Fe\u0085f";
const bidi = "safe\u202Egnp.exe\u202C\u2066x\u2069\u200F";
const lone = "high\uD83D low\uDE00";
const deepest = 20_000;

/** One of each kind; all but the last are small. */
export const hostilePayloads: readonly HostilePayload[] = [
  { name: "markup and scripts in names", body: notificationBody({ module: markup }), shows: "<script>" },
  {
    name: "markup and scripts in values",
    body: notificationBody({ module: "Markup_Values", affected_values: [valueOf({ Description: markup })] }),
    shows: "Markup_Values",
  },
  {
    name: "markup in headers and paths",
    body: "plain",
    contentType: "text/html",
    headers: { "x-markup": markup.replaceAll('"', "'") },
    shows: "text/html",
  },
  { name: "an HTML page", body: `<!DOCTYPE html><html><body>${markup}</body></html>`, shows: "POST" },
  { name: "control characters", body: notificationBody({ module: controls }), shows: "\\u0007" },
  { name: "characters that turn text around", body: notificationBody({ module: bidi }), shows: "\\u202E" },
  { name: "halves of characters", body: notificationBody({ module: lone }), shows: "\\uD83D" },
  {
    name: "names of prototypes",
    body: notificationBody({ module: "Prototypes" }).replace(
      /^\{/,
      `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":2,`,
    ),
    shows: "Prototypes",
  },
  {
    name: "deep nesting",
    body: notificationBody({ module: "Nested" }).replace(
      /^\{/,
      `{"deep":${"[".repeat(deepest)}${"]".repeat(deepest)},`,
    ),
    shows: "POST",
  },
  {
    name: "ten million characters in one string",
    body: notificationBody({
      module: "Long_String",
      affected_values: [valueOf({ Description: "ab<b>".repeat(2_000_000) })],
    }),
    shows: "too large to be read in full",
  },
];

function valueOf(values: object): object {
  return { record_id: "6756839000000575405", values };
}
