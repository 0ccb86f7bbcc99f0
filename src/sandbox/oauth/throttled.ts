import { type Answer, json } from "../http/answer.ts";

/** How the accounts server refuses more access tokens for a while. */
export function throttledAnswer(status: number): Answer {
  return json(status, {
    error: "Access Denied",
    error_description: "You have made too many requests continuously. Please try again after some time.",
    status: "failure",
  });
}
