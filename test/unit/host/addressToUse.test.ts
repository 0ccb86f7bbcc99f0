import "../../support/vscodeMessages/hook.ts";
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Emitter } from "../../../src/base/lifecycle.ts";
import { CancelledError, ProblemError } from "../../../src/base/problem.ts";
import { fail, succeed } from "../../../src/base/result.ts";
import type { RelayState } from "../../../src/core/relay/relaySession.ts";
import type { Tunnel } from "../../../src/core/tunnel/tunnel.ts";
import { cancel, told } from "../../support/vscodeMessages/standIn.ts";

const { addressToUse } = await import("../../../src/host/relay/addressToUse.ts");

const problem = { code: "RELAY_UNREACHABLE", message: "It does not answer.", remedy: "retry" } as const;
const address = "https://relay.example.com/in/abc";
const away: RelayState = { kind: "reconnecting", attempt: 1, retryAt: 0, problem };

/** A tunnel whose relay answers when the test says so. */
class PlayedTunnel {
  state: RelayState = { kind: "connecting" };
  readonly #changed = new Emitter<RelayState>();
  readonly #answered = new Emitter<void>();
  readonly onDidChangeState = this.#changed.event;

  become(state: RelayState): void {
    this.state = state;
    this.#changed.fire(state);
  }

  answer(): void {
    this.#answered.fire();
  }

  async waitForAddress(signal: AbortSignal): ReturnType<Tunnel["waitForAddress"]> {
    return new Promise(resolve => {
      const give = (): void => resolve(fail(problem));
      if (signal.aborted) give();
      signal.addEventListener("abort", give);
      this.#answered.event(() => resolve(succeed(address)));
    });
  }
}

async function turn(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}

describe("the address for a subscription", () => {
  let tunnel: PlayedTunnel;
  let asked: Promise<string>;

  beforeEach(() => {
    told.length = 0;
    tunnel = new PlayedTunnel();
    asked = addressToUse(tunnel as unknown as Tunnel);
  });

  it("is had without a word where the relay answers", async () => {
    tunnel.answer();
    assert.equal(await asked, address);
    assert.deepEqual(told, []);
  });

  it("is waited for where the relay is away, which is said, and goes on once it answers", async () => {
    tunnel.become(away);
    await turn();
    assert.match(told.join(), /^Waiting for the relay, which doesn't answer\./);
    tunnel.answer();
    assert.equal(await asked, address);
  });

  it("is not wanted anymore when the person cancels", async () => {
    tunnel.become(away);
    await turn();
    cancel();
    await assert.rejects(asked, CancelledError);
  });

  it("is none where the relay was away all the time: then nothing is subscribed", async () => {
    tunnel.become(away);
    await turn();
    tunnel.waitForAddress = async () => Promise.resolve(fail(problem));
    await assert.rejects(addressToUse(tunnel as unknown as Tunnel), ProblemError);
    cancel();
    await assert.rejects(asked, CancelledError);
  });
});
