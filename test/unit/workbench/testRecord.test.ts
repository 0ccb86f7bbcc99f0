import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, it } from "node:test";
import { type RunnerEvent, TestRecorder } from "../../workbench/testRecord.ts";

const file = resolve("test/unit/a.test.ts");

function summary(events: readonly RunnerEvent[]): string[] {
  const recorder = new TestRecorder();
  return events
    .flatMap(event => recorder.recordsOf(event))
    .map(record => (record.kind === "output" ? record.text : `${record.outcome}: ${record.title}`));
}

function suiteStart(name: string, nesting = 0): RunnerEvent {
  return { type: "test:start", data: { name, nesting, file } };
}

function ended(type: "test:pass" | "test:fail", name: string, nesting: number, more: object = {}): RunnerEvent {
  return { type, data: { name, nesting, file, details: { type: "test", duration_ms: 1 }, ...more } };
}

function failedSuite(failureType: string): RunnerEvent {
  return ended("test:fail", "suite", 0, { details: { type: "suite", error: { failureType, cause: "why" } } });
}

describe("records of test results", () => {
  it("name a test with the suites around it", () => {
    assert.deepEqual(summary([suiteStart("a"), suiteStart("b", 1), suiteStart("t", 2), ended("test:pass", "t", 2)]), [
      "passed: a › b › t",
    ]);
  });

  it("count skipped tests and those to be done as skipped, failing or not", () => {
    const events = [
      ended("test:pass", "s", 0, { skip: true }),
      ended("test:pass", "t", 0, { todo: "later" }),
      ended("test:fail", "u", 0, { todo: true }),
    ];
    assert.deepEqual(summary(events), ["skipped: s", "skipped: t", "skipped: u"]);
  });

  it("count a suite only when it failed by itself, as in a hook", () => {
    const passed = ended("test:pass", "suite", 0, { details: { type: "suite" } });
    assert.deepEqual(summary([passed, failedSuite("subtestsFailed"), failedSuite("hookFailed")]), ["failed: suite"]);
  });

  it("count a file without tests as failed", () => {
    assert.deepEqual(summary([ended("test:pass", "test/unit/a.test.ts", 0)]), ["failed: test/unit/a.test.ts"]);
  });

  it("say how a file that crashed ended, and what the runner complained of", () => {
    const recorder = new TestRecorder();
    recorder.recordsOf({ type: "test:diagnostic", data: { message: "Error: after the end", nesting: 0 } });
    const details = { type: "test", error: { failureType: "testCodeFailure", cause: "test failed", exitCode: 7 } };
    const [record] = recorder.recordsOf(ended("test:fail", "test/unit/a.test.ts", 0, { details }));
    assert.ok(record?.kind === "result");
    assert.equal(
      record.detail,
      "Error: after the end\nThe file ended with exit code 7. Tests of it may be missing here.",
    );
  });

  it("count what had not ended when it was stopped as failed", () => {
    assert.deepEqual(summary([{ type: "test:interrupted", data: { tests: [{ name: "slow", file }] } }]), [
      "failed: slow",
    ]);
  });

  it("give the error that a test threw", () => {
    const details = { type: "test", error: { failureType: "testCodeFailure", cause: new Error("not equal") } };
    const [record] = new TestRecorder().recordsOf(ended("test:fail", "t", 0, { details }));
    assert.ok(record?.kind === "result");
    assert.match(record.detail ?? "", /^Error: not equal\n/);
  });
});
