import type { IncomingMessage } from "node:http";
import * as v from "valibot";
import { utf8Decode } from "../base/bytes.ts";
import { type Result, fail, succeed } from "../base/result.ts";
import { type AnswerFault, type ChosenAnswer, answerWantedSchema, faultOfAnswer } from "../protocol/chosenAnswer.ts";
import { MemoryBudget } from "./memoryBudget.ts";
import { readBody } from "./readBody.ts";
import { type RelayFailure, failures, malformedAnswer } from "./respond.ts";

/** The longest answer, every byte of it escaped. */
const maxBodyBytes = 64 * 1024;
const bodySchema = v.pipe(v.string(), v.parseJson(), answerWantedSchema);

/** The answer that a request brings for its channel; undefined: the relay's own. */
export async function readChosenAnswer(
  request: IncomingMessage,
): Promise<Result<ChosenAnswer | undefined, RelayFailure>> {
  const body = await readBody(request, maxBodyBytes, new MemoryBudget(maxBodyBytes).hold());
  if (!body.ok) return fail(body.error === "too-large" ? failures.tooLarge : failures.unreadableBody);
  const parsed = v.safeParse(bodySchema, utf8Decode(body.value));
  if (!parsed.success) return fail(malformedAnswer("not JSON of the form that the protocol has for it"));
  const answer = parsed.output.answer ?? undefined;
  const fault = answer && faultOfAnswer(answer);
  return fault === undefined ? succeed(answer) : fail(malformedAnswer(describe(fault)));
}

function describe(fault: AnswerFault): string {
  if ("name" in fault) return `${fault.kind}, ${fault.name}`;
  if ("value" in fault) return `${fault.kind}, ${fault.value}`;
  return "status" in fault ? `${fault.kind}, ${fault.status}` : fault.kind;
}
