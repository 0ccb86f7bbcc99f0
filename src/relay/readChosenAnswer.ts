import type { IncomingMessage } from "node:http";
import { type Result, fail, succeed } from "../base/result.ts";
import { type AnswerFault, type ChosenAnswer, answerWantedSchema, faultOfAnswer } from "../protocol/chosenAnswer.ts";
import { readJsonBody } from "./readJsonBody.ts";
import { type RelayFailure, malformedAnswer } from "./respond.ts";

/** The longest answer, every byte of it escaped. */
const maxBodyBytes = 64 * 1024;
const otherForm = malformedAnswer("not JSON of the form that the protocol has for it");

/** The answer that a request brings for its channel; undefined: the relay's own. */
export async function readChosenAnswer(
  request: IncomingMessage,
): Promise<Result<ChosenAnswer | undefined, RelayFailure>> {
  const wanted = await readJsonBody(request, answerWantedSchema, otherForm, maxBodyBytes);
  if (!wanted.ok) return wanted;
  const answer = wanted.value.answer ?? undefined;
  const fault = answer && faultOfAnswer(answer);
  return fault === undefined ? succeed(answer) : fail(malformedAnswer(describe(fault)));
}

function describe(fault: AnswerFault): string {
  if ("name" in fault) return `${fault.kind}, ${fault.name}`;
  if ("value" in fault) return `${fault.kind}, ${fault.value}`;
  return "status" in fault ? `${fault.kind}, ${fault.status}` : fault.kind;
}
