import "../../support/vscodeNotices/hook.ts";
import assert from "node:assert/strict";
import { type TestContext, beforeEach, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Emitter } from "../../../src/base/lifecycle.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { succeed } from "../../../src/base/result.ts";
import type { FormerChannel } from "../../../src/core/tunnel/formerChannels.ts";
import type { FormerRelayNoticesDependencies } from "../../../src/host/relay/formerRelayNotices.ts";
import { questions, told } from "../../support/vscodeNotices/standIn.ts";

const { FormerRelayNotices } = await import("../../../src/host/relay/formerRelayNotices.ts");
const { FormerRelayQuestions } = await import("../../../src/host/relay/formerRelayQuestions.ts");

const channel: FormerChannel = {
  ...{ channel: "channel-of-the-test", relay: "http://relay.example.com", ingestPath: "/in/channel-of-the-test" },
  ...{ isDrained: false, daysAway: undefined, isReplaced: false, isGone: false, problem: undefined },
};
const away: FormerChannel = { ...channel, daysAway: 8 };
const drained: FormerChannel = { ...channel, isDrained: true };

/** A window whose former addresses are `list`. */
class Notices {
  list: readonly FormerChannel[];
  isLoaded = true;
  readonly done: string[] = [];
  readonly #changed = new Emitter<void>();

  constructor(test: TestContext, list: readonly FormerChannel[]) {
    this.list = list;
    const former = {
      list: () => this.list,
      onDidChange: this.#changed.event,
      forget: async (of: string) => Promise.resolve(void this.done.push(`forget ${of}`)),
      delete: async (of: string) => Promise.resolve(succeed(this.done.push(`delete ${of}`) > 0)),
    };
    const connections = { list: () => [], isLoaded: true };
    Object.defineProperty(connections, "isLoaded", { get: () => this.isLoaded });
    const given = {
      ...{ former, connections, logger: silentLogger },
      tunnel: { state: { kind: "off" }, onDidChangeState: new Emitter<never>().event },
      subscriptions: { onDidChange: new Emitter<never>().event },
    } as unknown as FormerRelayNoticesDependencies;
    const asked = new FormerRelayQuestions(given);
    const notices = new FormerRelayNotices({ ...given, questions: async () => Promise.resolve(asked) });
    test.after(() => notices.dispose());
    this.#changed.fire();
  }

  change(list: readonly FormerChannel[]): void {
    this.list = list;
    this.#changed.fire();
  }

  /** The person presses the button of the question that has been open longest. */
  async press(): Promise<void> {
    // Questions are loaded with the first of them.
    await setImmediate();
    (questions.shift() ?? assert.fail("nothing is asked")).press();
    await setImmediate();
  }
}

describe("the questions about a former address", () => {
  beforeEach(() => {
    questions.length = 0;
    told.length = 0;
  });

  it("are done as they are answered, as long as things stand so", async test => {
    const notices = new Notices(test, [away]);
    await notices.press();
    notices.change([drained]);
    await notices.press();
    assert.deepEqual(notices.done, ["forget channel-of-the-test", "delete channel-of-the-test"]);
    assert.deepEqual(told, []);
  });

  it("forget none that has come back since, say so, and are asked again when it is away again", async test => {
    const notices = new Notices(test, [away]);
    notices.change([channel]);
    await notices.press();
    assert.deepEqual(notices.done, []);
    assert.deepEqual(told, ["Your former address at {0} can be reached again, so it wasn't forgotten."]);
    notices.change([away]);
    await notices.press();
    assert.deepEqual(notices.done, ["forget channel-of-the-test"]);
  });

  it("delete none that may be in use again, say so, and are asked again when it is not", async test => {
    const notices = new Notices(test, [drained]);
    notices.isLoaded = false;
    await notices.press();
    assert.deepEqual(notices.done, []);
    assert.deepEqual(told, ["Your former address at {0} may be in use again, so it wasn't deleted."]);
    notices.isLoaded = true;
    notices.change([drained]);
    await notices.press();
    assert.deepEqual(notices.done, ["delete channel-of-the-test"]);
  });

  it("do nothing where another window was faster", async test => {
    for (const asked of [away, drained]) {
      const notices = new Notices(test, [asked]);
      notices.change([]);
      await notices.press();
      assert.deepEqual([notices.done, told], [[], []]);
    }
  });
});
