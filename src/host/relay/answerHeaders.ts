import * as vscode from "vscode";
import { formatHeader, parseHeader } from "../../core/relay/answerDraft.ts";
import { answerFaultSentence } from "../../core/relay/answerWords.ts";
import { type AnswerHeader, faultOfHeaders } from "../../protocol/chosenAnswer.ts";
import { type Back, type Choice, type StepPlace, askText, back, pickOne, unnumbered } from "../multiStep.ts";

type HeadersChoice = "done" | "add" | AnswerHeader;

/** Shows the headers as a list in which each can be changed, removed or added, until the person goes on. */
export async function askHeaders(
  initial: readonly AnswerHeader[],
  place: StepPlace,
): Promise<readonly AnswerHeader[] | Back> {
  let headers = initial;
  for (;;) {
    const placeholder = vscode.l10n.t("Headers of the answer, besides the content type");
    const picked = await pickOne<HeadersChoice>({ place, placeholder, choices: headersChoices(headers) });
    if (picked === back) return back;
    if (picked === "done") return headers;
    headers = await changed(headers, picked === "add" ? undefined : picked, place.title);
  }
}

function headersChoices(headers: readonly AnswerHeader[]): Choice<HeadersChoice>[] {
  const count = headers.length;
  const goOn = count === 0 ? vscode.l10n.t("Continue without Headers") : vscode.l10n.t("Continue with These Headers");
  return [
    { label: `$(check) ${goOn}`, value: "done" },
    ...headers.map(header => ({
      label: formatHeader(header),
      description: vscode.l10n.t("change or remove"),
      value: header,
    })),
    { label: `$(add) ${vscode.l10n.t("Add a Header…")}`, value: "add" },
  ];
}

/** The headers with `old` changed as the person wants, or removed, or a new one added. */
async function changed(
  headers: readonly AnswerHeader[],
  old: AnswerHeader | undefined,
  title: string,
): Promise<readonly AnswerHeader[]> {
  const others = headers.filter(header => header !== old);
  const text = await askText({
    place: unnumbered(title),
    prompt:
      old === undefined
        ? vscode.l10n.t("A header as “Name: value”")
        : vscode.l10n.t("The header as “Name: value”. Leave it empty to remove it."),
    placeholder: "X-Received: yes",
    ...(old && { value: formatHeader(old) }),
    validate: line => (line === "" && old !== undefined ? undefined : faultOfLine(line, others)),
  });
  if (text === back) return headers;
  const header = parseHeader(text);
  return header === undefined ? others : replaced(headers, old, header);
}

/** In the place of the old one, or at the end. */
function replaced(
  headers: readonly AnswerHeader[],
  old: AnswerHeader | undefined,
  header: AnswerHeader,
): readonly AnswerHeader[] {
  return old === undefined ? [...headers, header] : headers.map(each => (each === old ? header : each));
}

function faultOfLine(line: string, others: readonly AnswerHeader[]): string | undefined {
  const header = parseHeader(line);
  if (header === undefined) return vscode.l10n.t("Enter a name, a colon and a value.");
  const [name] = header;
  if (name.toLowerCase() === "content-type")
    return vscode.l10n.t("Choose the content type in the step after the body.");
  const fault = faultOfHeaders([...others, header]);
  return fault && answerFaultSentence(fault);
}
