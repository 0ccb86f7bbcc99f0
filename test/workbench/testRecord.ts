import { resolve } from "node:path";
import { inspect } from "node:util";
import * as v from "valibot";

/** What a test file has to say, one JSON line each: from the reporter in `node --test` to the command that counts. */
export const testRecordSchema = v.variant("kind", [
  v.object({
    kind: v.literal("result"),
    outcome: v.picklist(["passed", "failed", "skipped"]),
    /** The names from the outermost suite to the test. */
    title: v.string(),
    file: v.string(),
    milliseconds: v.number(),
    /** Why it failed, as a person wants to read it. */
    detail: v.optional(v.string()),
  }),
  v.object({ kind: v.literal("output"), file: v.string(), text: v.string() }),
]);

export type TestRecord = v.InferOutput<typeof testRecordSchema>;

/** The part of an event of node:test's runner that is looked at here. */
export interface RunnerEvent {
  readonly type: string;
  readonly data?: unknown;
}

const eventSchema = v.object({
  name: v.string(),
  nesting: v.number(),
  file: v.optional(v.string(), ""),
  skip: v.optional(v.union([v.boolean(), v.string()])),
  todo: v.optional(v.union([v.boolean(), v.string()])),
  details: v.optional(
    v.object({
      type: v.optional(v.string()),
      duration_ms: v.optional(v.number()),
      error: v.optional(v.unknown()),
    }),
    {},
  ),
});

type RunnerTest = v.InferOutput<typeof eventSchema>;

const outputSchema = v.object({ file: v.optional(v.string(), ""), message: v.string() });
const interruptedSchema = v.object({
  tests: v.array(v.object({ name: v.string(), file: v.optional(v.string(), "") })),
});

/** Turns the runner's events into records. Keeps the names of the suites it is in, so it sees every event, in order. */
export class TestRecorder {
  readonly #titles: string[] = [];
  /** What the runner says of a file beside its tests, as of an error after the last of them. */
  readonly #complaints: string[] = [];

  recordsOf(event: RunnerEvent): TestRecord[] {
    switch (event.type) {
      case "test:start":
        this.#enter(v.parse(eventSchema, event.data));
        return [];
      case "test:pass":
        return this.#passed(v.parse(eventSchema, event.data));
      case "test:fail":
        return this.#failed(v.parse(eventSchema, event.data));
      case "test:stdout":
      case "test:stderr":
        return [outputRecord(v.parse(outputSchema, event.data))];
      case "test:diagnostic":
        this.#complain(v.parse(outputSchema, event.data).message);
        return [];
      case "test:interrupted":
        return v.parse(interruptedSchema, event.data).tests.map(({ name, file }) => unfinished(name, file));
      default:
        return [];
    }
  }

  #enter({ name, nesting }: RunnerTest): void {
    this.#titles.length = Math.min(this.#titles.length, nesting);
    this.#titles[nesting] = name;
  }

  #passed(test: RunnerTest): TestRecord[] {
    if (test.details.type === "suite") return [];
    if (isWholeFile(test)) return [this.#result(test, "failed", "This file has no tests.")];
    const skipped = isSet(test.skip) || isSet(test.todo);
    return [this.#result(test, skipped ? "skipped" : "passed")];
  }

  /** A suite fails with its tests, which are counted themselves; it counts only for a fault of its own, as in a hook. */
  #failed(test: RunnerTest): TestRecord[] {
    if (test.details.type === "suite" && failureType(test.details.error) === "subtestsFailed") return [];
    if (isSet(test.todo)) return [this.#result(test, "skipped")];
    return [
      this.#result(test, "failed", isWholeFile(test) ? this.#fileFault(test) : describeError(test.details.error)),
    ];
  }

  #complain(message: string): void {
    if (message.startsWith("Error:")) this.#complaints.push(message);
  }

  #fileFault({ details }: RunnerTest): string {
    const how = v.safeParse(exitSchema, details.error);
    const code = how.success ? (how.output.exitCode ?? how.output.signal) : undefined;
    const fault = `The file ended with exit code ${code ?? "unknown"}. Tests of it may be missing here.`;
    return [...this.#complaints.splice(0), fault].join("\n");
  }

  #result(test: RunnerTest, outcome: "passed" | "failed" | "skipped", detail?: string): TestRecord {
    const title = [...this.#titles.slice(0, test.nesting), test.name].join(" › ");
    const milliseconds = test.details.duration_ms ?? 0;
    return {
      kind: "result",
      outcome,
      title,
      file: test.file,
      milliseconds,
      ...(detail === undefined ? {} : { detail }),
    };
  }
}

function outputRecord({ file, message }: v.InferOutput<typeof outputSchema>): TestRecord {
  return { kind: "output", file: resolve(file), text: message };
}

function unfinished(title: string, file: string): TestRecord {
  return {
    kind: "result",
    outcome: "failed",
    title,
    file,
    milliseconds: 0,
    detail: "Had not ended when it was stopped.",
  };
}

/** The runner reports a file as a test of its own name where the file has no tests, crashed, or would not end. */
function isWholeFile({ name, file, nesting }: RunnerTest): boolean {
  return nesting === 0 && file !== "" && resolve(name) === resolve(file);
}

function isSet(mark: boolean | string | undefined): boolean {
  return mark !== undefined && mark !== false;
}

const exitSchema = v.object({ exitCode: v.nullish(v.number()), signal: v.nullish(v.string()) });
const failureSchema = v.object({ failureType: v.optional(v.string()), cause: v.optional(v.unknown()) });

function failureType(error: unknown): string | undefined {
  const parsed = v.safeParse(failureSchema, error);
  return parsed.success ? parsed.output.failureType : undefined;
}

/** The error that the test threw, which the runner wraps into one of its own. */
function describeError(error: unknown): string {
  const parsed = v.safeParse(failureSchema, error);
  const thrown = (parsed.success ? parsed.output.cause : undefined) ?? error;
  return typeof thrown === "string" ? thrown : inspect(thrown, { depth: 6 });
}
