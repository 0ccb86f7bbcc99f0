import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ProblemError, describeCauses, toProblem } from "../../../src/base/problem.ts";

describe("toProblem", () => {
  it("passes a problem through", () => {
    const problem = { code: "X", message: "That failed. Try again.", remedy: "retry" } as const;
    assert.equal(toProblem(new ProblemError(problem)), problem);
  });

  it("tells a person nothing of what nobody foresaw, but where to look", () => {
    const problem = toProblem(new TypeError("secret detail"));
    assert.equal(problem.remedy, "open-log");
    assert.doesNotMatch(problem.message, /secret|TypeError/);
  });
});

describe("describeCauses", () => {
  it("gives the whole chain, outermost first", () => {
    const cause = { code: "INNER", message: "The socket closed.", remedy: "none", cause: "ECONNRESET" } as const;
    const outer = new ProblemError({ code: "OUTER", message: "The relay is gone.", remedy: "retry", cause });
    const lines = describeCauses(outer).split("\n");
    assert.deepEqual(lines, [
      "OUTER: The relay is gone.",
      "  caused by: INNER: The socket closed.",
      "  caused by: ECONNRESET",
    ]);
  });

  it("ends on a chain that bites its tail", () => {
    const error = new Error("loop");
    error.cause = error;
    assert.ok(describeCauses(error).includes("loop"));
  });
});
