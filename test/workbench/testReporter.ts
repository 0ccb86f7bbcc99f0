/** The reporter that `node --test` is given: see {@link TestRecorder}. */
import { TestRecorder, type RunnerEvent } from "./testRecord.ts";

export default async function* report(events: AsyncIterable<RunnerEvent>): AsyncGenerator<string> {
  const recorder = new TestRecorder();
  for await (const event of events) {
    for (const record of recorder.recordsOf(event)) yield `${JSON.stringify(record)}\n`;
  }
}
