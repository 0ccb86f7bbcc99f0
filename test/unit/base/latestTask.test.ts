import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LatestTask } from "../../../src/base/latestTask.ts";

/** A task that lasts until its signal aborts, and notes when it begins and ends. */
function untilAborted(name: string, notes: string[]): (signal: AbortSignal) => Promise<string> {
  return async signal => {
    notes.push(`${name} begins`);
    if (!signal.aborted) await new Promise(resolve => signal.addEventListener("abort", resolve));
    // Letting go of a port takes a moment.
    await Promise.resolve();
    notes.push(`${name} ends`);
    return name;
  };
}

describe("running the latest task only", () => {
  it("gives what the task gives", async () => {
    assert.equal(await new LatestTask().run(async () => Promise.resolve(7)), 7);
  });

  it("ends the earlier task, and begins the later one only then", async () => {
    const [tasks, notes] = [new LatestTask(), [] as string[]];
    const first = tasks.run(untilAborted("first", notes));
    await Promise.resolve();
    const second = tasks.run(async () => {
      notes.push("second begins");
      return Promise.resolve("second");
    });
    assert.deepEqual(await Promise.all([first, second]), ["first", "second"]);
    assert.deepEqual(notes, ["first begins", "first ends", "second begins"]);
  });

  it("ends a task before it has begun where a third comes", async () => {
    const [tasks, notes] = [new LatestTask(), [] as string[]];
    const waiting = ["first", "second", "third"].map(async name => tasks.run(untilAborted(name, notes)));
    tasks.end();
    assert.deepEqual(await Promise.all(waiting), ["first", "second", "third"]);
    assert.deepEqual(
      notes.filter(note => note.endsWith("begins")),
      ["first begins", "second begins", "third begins"],
    );
    assert.equal(notes.indexOf("first ends") < notes.indexOf("second begins"), true);
  });

  it("ends what runs when asked, and has nothing to end before and after", async () => {
    const [tasks, notes] = [new LatestTask(), [] as string[]];
    tasks.end();
    const running = tasks.run(untilAborted("task", notes));
    tasks.end();
    assert.equal(await running, "task");
    tasks.end();
    assert.deepEqual(notes, ["task begins", "task ends"]);
  });

  it("begins the later task although the earlier one failed", async () => {
    const tasks = new LatestTask();
    const failing = tasks.run(async () => Promise.reject(new Error("no")));
    const later = tasks.run(async () => Promise.resolve("later"));
    await assert.rejects(failing, /no/);
    assert.equal(await later, "later");
  });
});
