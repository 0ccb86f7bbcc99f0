import { commentText } from "../types/sourceText.ts";
import { type HandlerPlan, extensionOf } from "./handlerPlan.ts";

/** What a person needs to know who comes back to the handler's folder after a month. */
export function readme(plan: HandlerPlan): string {
  const extension = extensionOf(plan.language);
  const modules = plan.modules.map(({ label }) => commentText(label)).join(", ");
  return `# Handler of Zoho CRM events

Takes notifications about ${modules}, and calls \`handle\` in \`handler.${extension}\` once for each change of a record.

## Run

- **With the debugger**: choose the configuration in Run and Debug, or press F5. While it runs, events are forwarded to it.
- **In a terminal**: \`node handler.${extension}\`, and turn forwarding on in the event inspector.
- **Test**: \`node --test\` replays the fixtures in \`fixtures/\`. “Save as Fixture” in the inspector makes more of them.

${runtime(plan)}

## What it answers

| status | when |
| --- | --- |
| 200 | your code is done with every record of the event, now or at an earlier delivery |
| 400 | the body is no notification, or is not the gzip (deflate, br, zstd) that its header says |
| 401 | the token is not that of the channel, or the channel is unknown: see \`.env\` |
| 405, 413 | not a POST; more than 10 MiB, as it came or decompressed |
| 415 | a coding that this Node cannot undo; zstd takes Node 22.15 or newer |
| 422 | the event names no record, or not all of its records could be read: those that could are handled |
| 500 | your code threw, or what it did could not be written down: the answer has the error's message |
| 503 | another process has taken over \`data/handled.log\`, so nothing is handled here |

It answers when your code is done, so that the status tells the truth, and the inspector shows it. How long Zoho waits is
not documented: what takes more than a few seconds belongs into a queue of yours, which \`handle\` only puts it into.

## Once each

Events can come twice: Zoho promises nothing, and you may replay them. What was handled is kept in \`data/handled.log\`, by
channel, module, operation, record, Zoho's time of the change and the names of the changed fields, since one record can
change twice within one time of Zoho's. What your code threw at counts as not handled. If the process is killed after your
code is done and before that is written, the change is handled again: let what must never happen twice (a booking, a
payment) be known by the change itself, as well.

The file is only appended to, so a crash costs at most the line that it cut off. One process at a time has it, as
\`data/handled.log.lock\` says; a second one does not start, and neither does one that cannot read it. To have everything
handled again, end the handler and delete the folder \`data\`.

## What is not documented

Zoho may send what its documents do not mention. An operation of another word is \`other\`, with the word in
\`operationWord\`; a change of users has no \`module\`. What is told twice of a record in one delivery is one change. A part
of a form that is not known is left out; the answer, the log and the inspector name it.

## Who may send

\`.env\` has the token of each subscription. Deliveries have no signature, so the token is their only proof; it is compared in
constant time. Zoho can send deletions without a token: these are taken if the channel is one of yours.

## Types

\`zoho-crm-events.d.ts\` is generated from the fields of your organisation. When they change, run the command “Zoho CRM:
Generate Types…” and choose this file.
${plan.sample === "siteVisits" ? calendar : ""}`;
}

function runtime({ language }: HandlerPlan): string {
  return language === "typescript"
    ? `Node 22.18 or newer runs TypeScript as it is; from 22.6 on with \`node --experimental-strip-types handler.ts\`. Nothing needs
to be installed; \`npm install\` brings types of Node for the editor's help.`
    : `Node 20.12 or newer. Nothing needs to be installed.`;
}

const calendar = `
## The sample

A deal that moves to “Site Visit Scheduled” gets the first free hour from the next day on, in \`data/calendar.json\`. A booking
is known by the deal and the time of the change, so the same change never books twice, whatever becomes of the process.
`;
