import * as l10n from "@vscode/l10n";
import { assertNever } from "../../base/assertNever.ts";
import type { Webhook } from "../../protocol/event.ts";
import type { EventDetail } from "../../protocol/inspector.ts";
import { type Copy, copyButton } from "../page/copyButton.ts";
import { button, element } from "../page/dom.ts";
import { formatBytes, formatNumber } from "../text/format.ts";
import { visibleLine, visibleText } from "../text/visibleText.ts";
import { note } from "./note.ts";
import { type Property, code, copyable } from "./properties.ts";

type Parameter = Webhook["parameters"][number];

/** What a request that is no notification says of itself. */
export function webhookProperties(detail: EventDetail, webhook: Webhook, copy: Copy): Property[] {
  const { module, recordId, form } = webhook;
  const { method, path, query } = detail.request;
  const target = `${path}${query === "" ? "" : `?${query}`}`;
  return [
    { name: l10n.t("Request"), value: [code(`${method} ${target}`.trim())] },
    { name: l10n.t("Body"), value: [formInWords(form)] },
    ...(module === undefined ? [] : [{ name: l10n.t("Module"), value: [visibleLine(module)] }]),
    ...(recordId === undefined
      ? []
      : [{ name: l10n.t("Record"), value: [copyable(recordId, l10n.t("record ID"), copy)] }]),
  ];
}

/** The parameters of the address and of the form, in the order in which they were sent. */
export function parameterTable(
  { parameters, omitted }: Webhook,
  copy: Copy,
  save: (index: number) => void,
): HTMLElement | undefined {
  if (parameters.length === 0) return undefined;
  const titles = [l10n.t("Parameter"), l10n.t("Value"), l10n.t("Sent in")];
  const head = element("tr", {}, ...titles.map(title => element("th", { attributes: { scope: "col" } }, title)));
  const lines = parameters.map((parameter, index) => parameterLine(parameter, copy, () => save(index)));
  const rest =
    omitted === 0 ? undefined : note(l10n.t("{0} more parameters are in the raw tab.", formatNumber(omitted)));
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...lines));
  return element("section", { className: "parameters" }, element("h3", {}, l10n.t("Parameters")), table, rest);
}

function parameterLine(parameter: Parameter, copy: Copy, save: () => void): HTMLElement {
  const { name, value, place } = parameter;
  const shown = visibleLine(name);
  return element(
    "tr",
    {},
    element("th", { attributes: { scope: "row" } }, shown),
    element(
      "td",
      { className: "value" },
      element("span", {}, visibleText(value)),
      remarkOn(parameter),
      value === "" ? undefined : copyButton(l10n.t("value of {0}", shown), () => value, copy),
      parameter.fileName === undefined && parameter.bytes === undefined ? undefined : saveButton(shown, save),
    ),
    element("td", {}, place === "query" ? l10n.t("address") : l10n.t("form")),
  );
}

function saveButton(name: string, save: () => void): HTMLElement {
  const label = l10n.t("Save the value of {0} in a file", name);
  return button({ text: l10n.t("Save…"), label, className: "inline", onClick: save });
}

function remarkOn({ value, bytes, fileName, contentType }: Parameter): HTMLElement | undefined {
  if (bytes === undefined && fileName === undefined) return undefined;
  const type = contentType === undefined ? "" : visibleLine(contentType);
  const size = bytes === undefined ? "" : formatBytes(bytes);
  const file = fileName === undefined ? "" : l10n.t("file {0}", visibleLine(fileName));
  const remark = [file, type, size].filter(part => part !== "").join(" · ");
  return element("span", { className: "remark" }, value === "" ? remark : ` ${remark}`);
}

function formInWords(form: Webhook["form"]): string {
  switch (form) {
    case "none":
      return l10n.t("None");
    case "urlencoded":
      return l10n.t("Form fields (urlencoded)");
    case "multipart":
      return l10n.t("Form fields (multipart)");
    case "json":
      return "JSON";
    case "xml":
      return "XML";
    case "html":
      return "HTML";
    case "text":
      return l10n.t("Text");
    case "binary":
      return l10n.t("Bytes that are no text");
    default:
      return assertNever(form);
  }
}
