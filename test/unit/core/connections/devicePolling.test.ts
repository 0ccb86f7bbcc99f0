import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minute, second } from "../../../../src/base/clock.ts";
import { type Result, fail, succeed } from "../../../../src/base/result.ts";
import { otherDataCentreOf } from "../../../../src/core/connections/accountsServer.ts";
import { type DeviceGrant, awaitDeviceGrant } from "../../../../src/core/connections/devicePolling.ts";
import type { Problem } from "../../../../src/base/problem.ts";
import type { DevicePoll } from "../../../../src/zoho/deviceGrant.ts";
import { deviceCodeExpiredProblem } from "../../../../src/zoho/oauthProblem.ts";
import { cancelledProblem, type ZohoProblem } from "../../../../src/zoho/problem.ts";
import { FakeClock } from "../../../support/fakeClock.ts";
import { errorOf, valueOf } from "../../zoho/scriptedTransport.ts";

type Reply = Result<DevicePoll, ZohoProblem>;

const problem = { code: "X", message: "", remedy: "none" } as const;
const pending: Reply = succeed({ kind: "pending" });
const slowDown: Reply = succeed({ kind: "slow-down" });
const grant = { accessToken: "a", expiresAt: 0, scopes: [] };
const granted: Reply = succeed({ kind: "granted", grant });

/** A poll every five seconds for five minutes, with these answers; the last one stays. */
class Bench {
  readonly clock = new FakeClock();
  readonly abort = new AbortController();
  /** When (in seconds from the start) who was asked. */
  readonly polls: (readonly [seconds: number, server: string])[] = [];
  readonly outcome: Promise<Result<DeviceGrant, Problem>>;
  readonly #begun = this.clock.now();

  constructor(replies: readonly Reply[], accountsUrl = "https://accounts.zoho.com") {
    this.outcome = awaitDeviceGrant({
      code: { deviceCode: "d", interval: 5 * second, expiresAt: this.clock.now() + 5 * minute },
      accountsUrl,
      poll: async server => {
        this.polls.push([(this.clock.now() - this.#begun) / second, server]);
        return Promise.resolve(replies[this.polls.length - 1] ?? replies.at(-1) ?? pending);
      },
      clock: this.clock,
      signal: this.abort.signal,
    });
  }

  get times(): readonly number[] {
    return this.polls.map(([seconds]) => seconds);
  }

  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed++) {
      this.clock.advance(second);
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      await new Promise(setImmediate);
    }
  }
}

describe("awaiting the grant of a device code", () => {
  it("polls at the interval that Zoho gave, and ends with the grant", async () => {
    const bench = new Bench([pending, pending, granted]);
    await bench.pass(20);
    assert.deepEqual(bench.times, [5, 10, 15]);
    assert.deepEqual(valueOf(await bench.outcome), { grant, accountsUrl: "https://accounts.zoho.com" });
    assert.equal(bench.clock.pending, 0);
  });

  it("polls once in 30 seconds from then on when it is told to slow down", async () => {
    const bench = new Bench([pending, slowDown, pending, granted]);
    await bench.pass(100);
    assert.deepEqual(bench.times, [5, 10, 40, 70]);
    valueOf(await bench.outcome);
  });

  it("goes on at another data centre of Zoho's that the account is in, and sends the code there alone", async () => {
    const bench = new Bench([succeed({ kind: "other-centre", location: "eu" }), pending, granted]);
    await bench.pass(20);
    assert.deepEqual(bench.polls, [
      [5, "https://accounts.zoho.com"],
      [10, "https://accounts.zoho.eu"],
      [15, "https://accounts.zoho.eu"],
    ]);
    assert.equal(valueOf(await bench.outcome).accountsUrl, "https://accounts.zoho.eu");
  });

  const strangers: readonly (readonly [from: string, location: string | undefined])[] = [
    ["https://accounts.zoho.com", "atlantis"],
    ["https://accounts.zoho.com", "us"],
    ["https://accounts.zoho.com", undefined],
    ["https://crm.example.com", "eu"],
    ["http://127.0.0.1:4000", "us"],
  ];
  for (const [from, location] of strangers) {
    it(`sends nothing elsewhere when ${from} names the data centre ${String(location)}`, async () => {
      const bench = new Bench([succeed({ kind: "other-centre", location })], from);
      await bench.pass(6);
      assert.equal(errorOf(await bench.outcome).code, "UNKNOWN_ACCOUNTS_SERVER");
      assert.equal(bench.polls.length, 1);
    });
  }

  for (const [from, location, host] of [
    ["https://accounts.zoho.com", "cn", "accounts.zoho.com.cn"],
    ["https://accounts.zoho.com.cn", "us", "accounts.zoho.com"],
  ] as const) {
    it(`sends nothing to ${host} after a sign-in at ${from}, and says that it has to begin there`, async () => {
      const bench = new Bench([succeed({ kind: "other-centre", location })], from);
      await bench.pass(6);
      const problem = errorOf(await bench.outcome);
      assert.deepEqual([problem.code, otherDataCentreOf(problem)?.id], ["OTHER_DATA_CENTRE", location]);
      assert.ok(problem.message.includes(`(${host})`));
      assert.equal(bench.polls.length, 1);
    });
  }

  const passing: readonly ZohoProblem[] = [
    { ...problem, kind: "offline", reason: "interrupted" },
    { ...problem, kind: "server", status: 503 },
    { ...problem, kind: "unreadable" },
  ];
  for (const failure of passing) {
    it(`goes on after a failure of the way there (${failure.kind})`, async () => {
      const bench = new Bench([fail(failure), fail(failure), granted]);
      await bench.pass(16);
      assert.deepEqual(bench.times, [5, 10, 15]);
      valueOf(await bench.outcome);
    });
  }

  it("waits as long as a throttle asks", async () => {
    const bench = new Bench([]);
    const throttled: Reply = fail({ ...problem, kind: "throttled", retryAt: bench.clock.now() + 47 * second });
    const other = new Bench([throttled, granted]);
    await other.pass(60);
    assert.deepEqual(other.times, [5, 47]);
    bench.abort.abort();
  });

  for (const kind of ["denied", "code", "client", "scope"] as const) {
    it(`ends when Zoho refuses (${kind})`, async () => {
      const bench = new Bench([pending, fail({ ...problem, kind })]);
      await bench.pass(11);
      assert.equal(errorOf(await bench.outcome).code, "X");
      assert.equal(bench.clock.pending, 0);
    });
  }

  it("ends when the code is too old, whatever the last answers were", async () => {
    const bench = new Bench([pending]);
    await bench.pass(299);
    assert.equal(bench.times.at(-1), 295);
    await bench.pass(1);
    assert.equal(errorOf(await bench.outcome).code, "DEVICE_CODE_EXPIRED");
    assert.equal(bench.times.at(-1), 295);
  });

  for (const jump of [10 * minute, -10 * minute]) {
    it(`goes on for as long as the code lives where the clock is set by ${jump / minute} minutes meanwhile`, async () => {
      const bench = new Bench([pending, pending, pending, granted]);
      await bench.pass(7);
      bench.clock.jump(jump);
      // What waits was to fall due by the clock that was set.
      bench.clock.advance(Math.max(-jump, 0));
      await bench.pass(20);
      valueOf(await bench.outcome);
      assert.equal(bench.polls.length, 4);

      const other = new Bench([pending]);
      await other.pass(7);
      other.clock.jump(jump);
      other.clock.advance(Math.max(-jump, 0));
      await other.pass(295);
      assert.equal(errorOf(await other.outcome).code, "DEVICE_CODE_EXPIRED");
    });
  }

  it("ends when Zoho says that the code is too old, whatever the clock says", async () => {
    const bench = new Bench([pending, fail(deviceCodeExpiredProblem())]);
    await bench.pass(11);
    assert.equal(errorOf(await bench.outcome).code, "DEVICE_CODE_EXPIRED");
    assert.deepEqual(bench.times, [5, 10]);
  });

  it("waits for no throttle that lasts longer than the code", async () => {
    const throttled: Reply = fail({ ...problem, kind: "throttled", retryAt: new FakeClock().now() + 60 * minute });
    const bench = new Bench([throttled]);
    await bench.pass(300);
    assert.equal(errorOf(await bench.outcome).code, "DEVICE_CODE_EXPIRED");
    assert.deepEqual(bench.times, [5]);
  });

  it("ends at once, with nothing left waiting, when the person cancels", async () => {
    const bench = new Bench([pending]);
    await bench.pass(7);
    bench.abort.abort();
    assert.equal(errorOf(await bench.outcome).code, cancelledProblem().code);
    assert.equal(bench.clock.pending, 0);
    await bench.pass(30);
    assert.deepEqual(bench.times, [5]);
  });
});
