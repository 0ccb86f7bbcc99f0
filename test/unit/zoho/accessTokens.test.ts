import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute, second } from "../../../src/base/clock.ts";
import { type Result, fail, succeed } from "../../../src/base/result.ts";
import { AccessTokens } from "../../../src/zoho/accessTokens.ts";
import type { TokenGrant } from "../../../src/zoho/oauth.ts";
import { unshared } from "../../../src/zoho/tokenSharing.ts";
import type { ZohoProblem } from "../../../src/zoho/problem.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { errorOf, valueOf } from "./scriptedTransport.ts";

type Reply = Result<TokenGrant, ZohoProblem>;

/** An accounts server whose answers the test gives when it likes. */
class Accounts {
  readonly waiting: ((reply: Reply) => void)[] = [];
  calls = 0;

  async refresh(): Promise<Reply> {
    this.calls++;
    return new Promise(resolve => this.waiting.push(resolve));
  }

  /** Answers the request that waits longest; one that is on its way is waited for. */
  async answer(reply: Reply): Promise<void> {
    for (let turn = 0; turn < 10 && this.waiting.length === 0; turn++) await new Promise(setImmediate);
    const resolve = this.waiting.shift();
    assert.ok(resolve !== undefined, "Nobody asked for a token");
    resolve(reply);
  }
}

function setUp(): { clock: FakeClock; accounts: Accounts; tokens: AccessTokens; grant: (value: string) => Reply } {
  const clock = new FakeClock();
  const accounts = new Accounts();
  const tokens = new AccessTokens({ oauth: accounts, refreshToken: "r", clock });
  const grant = (accessToken: string): Reply => succeed({ accessToken, expiresAt: clock.now() + hour, scopes: [] });
  return { clock, accounts, tokens, grant };
}

const problem = { code: "X", message: "", remedy: "none" } as const;

describe("AccessTokens", () => {
  it("asks once for all who wait at the same time", async () => {
    const { accounts, tokens, grant } = setUp();
    const all = Promise.all([tokens.get(), tokens.get(), tokens.get()]);
    await accounts.answer(grant("one"));
    assert.deepEqual(
      (await all).map(token => valueOf(token).value),
      ["one", "one", "one"],
    );
    assert.equal(accounts.calls, 1);
  });

  it("hands out a token until shortly before its end, then asks again", async () => {
    const { clock, accounts, tokens, grant } = setUp();
    const first = tokens.get();
    await accounts.answer(grant("one"));
    await first;
    clock.advance(hour - minute - 1);
    assert.equal(valueOf(await tokens.get()).value, "one");
    clock.advance(1);
    const second = tokens.get();
    await accounts.answer(grant("two"));
    assert.equal(valueOf(await second).value, "two");
  });

  it("hands out a token that is at hand without asking what others share, which a window that closes may not read", async () => {
    const { clock, accounts, grant } = setUp();
    const away = Promise.withResolvers<never>();
    const sharing = { ...unshared(), read: async (): Promise<undefined> => Promise.resolve(undefined) };
    const tokens = new AccessTokens({ oauth: accounts, refreshToken: "r", clock, sharing });
    const first = tokens.get();
    await accounts.answer(grant("one"));
    await first;
    sharing.read = async () => away.promise;
    assert.equal(valueOf(await tokens.get()).value, "one");
  });

  it("brings another token after a refusal, but keeps the one that replaced it meanwhile", async () => {
    const { accounts, tokens, grant } = setUp();
    const first = tokens.get();
    await accounts.answer(grant("one"));
    const old = valueOf(await first);
    tokens.invalidate(old);
    const second = tokens.get();
    await accounts.answer(grant("two"));
    await second;
    tokens.invalidate(old);
    assert.equal(valueOf(await tokens.get()).value, "two");
    assert.equal(accounts.calls, 2);
  });

  it("calls a token fresh for a minute after it was minted here, and no other", async () => {
    const { clock, accounts, tokens, grant } = setUp();
    const asked = tokens.get();
    await accounts.answer(grant("one"));
    const token = valueOf(await asked);
    assert.deepEqual([tokens.isFresh(token), tokens.isFresh({ ...token, value: "another's" })], [true, false]);
    clock.advance(minute + 1);
    assert.equal(tokens.isFresh(token), false);
    clock.jump(-hour);
    assert.equal(tokens.isFresh(token), false);
  });

  for (const kind of ["signed-out", "client"] as const) {
    it(`takes Zoho's word for an hour that the sign-in is over (${kind}), then asks again`, async () => {
      const { clock, accounts, tokens, grant } = setUp();
      const first = tokens.get();
      await accounts.answer(fail({ ...problem, kind }));
      assert.equal(errorOf(await first).kind, kind);
      clock.advance(hour - 1);
      assert.equal(errorOf(await tokens.get()).kind, kind);
      assert.equal(accounts.calls, 1);
      clock.advance(1);
      const later = tokens.get();
      await accounts.answer(grant("one"));
      assert.ok((await later).ok);
    });
  }

  const passing: readonly ZohoProblem[] = [
    { ...problem, kind: "unreadable" },
    { ...problem, kind: "server", status: 502 },
    { ...problem, kind: "denied" },
  ];
  for (const failure of passing) {
    it(`asks again after what may pass (${failure.kind}): after seconds first, once a minute when it stays`, async () => {
      const { clock, accounts, tokens, grant } = setUp();
      const failed = async (): Promise<void> => {
        const asked = tokens.get();
        await accounts.answer(fail(failure));
        assert.equal(errorOf(await asked).kind, failure.kind);
      };
      await failed();
      assert.equal(errorOf(await tokens.get()).kind, failure.kind);
      assert.equal(accounts.calls, 1);
      for (let seconds = 2; seconds < 64; seconds *= 2) {
        clock.advance(seconds * second);
        await failed();
      }
      assert.equal(accounts.calls, 6);
      clock.advance(30 * second - 1);
      assert.equal(errorOf(await tokens.get()).kind, failure.kind);
      assert.equal(accounts.calls, 6);
      clock.advance(30 * second + 1);
      const later = tokens.get();
      await accounts.answer(grant("one"));
      assert.ok((await later).ok);
    });
  }

  it("begins with seconds again after a token came", async () => {
    const { clock, accounts, tokens, grant } = setUp();
    for (const answer of [
      fail(passing[0] ?? assert.fail()),
      grant("one"),
      fail(passing[0] ?? assert.fail()),
      grant("two"),
    ]) {
      const asked = tokens.get();
      await accounts.answer(answer);
      const outcome = await asked;
      if (outcome.ok) tokens.invalidate(outcome.value);
      clock.advance(2 * second);
    }
    assert.equal(accounts.calls, 4);
  });

  it("mints by the client's own credentials where there is no refresh token", async () => {
    const clock = new FakeClock();
    const asked: unknown[] = [];
    const grantToClient = async (zgid: string, scopes: readonly string[]): Promise<Reply> => {
      asked.push([zgid, scopes]);
      return Promise.resolve(succeed({ accessToken: `t${asked.length}`, expiresAt: clock.now() + hour, scopes: [] }));
    };
    const tokens = new AccessTokens({ oauth: { grantToClient }, zgid: "7", scopes: ["a.READ"], clock });
    const first = valueOf(await tokens.get());
    tokens.invalidate(first);
    assert.deepEqual([first.value, valueOf(await tokens.get()).value], ["t1", "t2"]);
    assert.deepEqual(asked, [
      ["7", ["a.READ"]],
      ["7", ["a.READ"]],
    ]);
  });

  it("asks nothing while it is throttled, and again after", async () => {
    const { clock, accounts, tokens, grant } = setUp();
    const first = tokens.get();
    await accounts.answer(fail({ ...problem, kind: "throttled", retryAt: clock.now() + 10 * minute }));
    await first;
    clock.advance(10 * minute - 1);
    assert.equal(errorOf(await tokens.get()).kind, "throttled");
    assert.equal(accounts.calls, 1);
    clock.advance(1);
    const later = tokens.get();
    await accounts.answer(grant("one"));
    assert.equal(valueOf(await later).value, "one");
  });

  it("tries again after a failure that may have passed", async () => {
    const { accounts, tokens, grant } = setUp();
    const first = tokens.get();
    await accounts.answer(fail({ ...problem, kind: "offline", reason: "refused" }));
    assert.equal(errorOf(await first).kind, "offline");
    const second = tokens.get();
    await accounts.answer(grant("one"));
    assert.ok((await second).ok);
  });

  const lasting: readonly ZohoProblem[] = [
    ...passing,
    { ...problem, kind: "signed-out" },
    { ...problem, kind: "throttled", retryAt: Date.UTC(2026, 0, 5, 10) },
  ];
  for (const failure of lasting) {
    it(`asks again at once after a failure (${failure.kind}) where the clock is set back`, async () => {
      const { clock, accounts, tokens, grant } = setUp();
      const first = tokens.get();
      await accounts.answer(fail(failure));
      assert.equal(errorOf(await first).kind, failure.kind);
      clock.jump(-3 * hour);
      const second = tokens.get();
      await accounts.answer(grant("one"));
      assert.ok((await second).ok);
    });
  }

  it("waits for another's turn no longer where the clock is set back meanwhile", async () => {
    const { clock, accounts, grant } = setUp();
    const sharing = { ...unshared(), takeTurn: () => undefined };
    const tokens = new AccessTokens({ oauth: accounts, refreshToken: "r", clock, sharing });
    const asked = tokens.get();
    for (let quarter = 0; quarter <= 40; quarter++) {
      await new Promise(setImmediate);
      if (quarter === 4) clock.jump(-3 * hour);
      clock.advance(quarter === 4 ? 3 * hour + second / 4 : second / 4);
      if (quarter === 4) clock.jump(-3 * hour);
    }
    await accounts.answer(grant("one"));
    assert.ok((await asked).ok);
  });

  it("lets one who gives up go, and serves the others", async () => {
    const { accounts, tokens, grant } = setUp();
    const abort = new AbortController();
    const impatient = tokens.get(abort.signal);
    const patient = tokens.get();
    abort.abort();
    assert.equal(errorOf(await impatient).kind, "cancelled");
    await accounts.answer(grant("one"));
    assert.equal(valueOf(await patient).value, "one");
  });
});

describe("AccessTokens and Zoho's ten tokens in ten minutes", () => {
  async function mint({ accounts, tokens, grant }: ReturnType<typeof setUp>, name: string): Promise<void> {
    const asked = tokens.get();
    await accounts.answer(grant(name));
    tokens.invalidate(valueOf(await asked));
  }

  it("asks for no eleventh, says when the next is possible, and asks again then", async () => {
    const bench = setUp();
    for (let count = 0; count < 10; count++) {
      await mint(bench, `t${count}`);
      bench.clock.advance(minute / 2);
    }
    const problem = errorOf(await bench.tokens.get());
    assert.ok(problem.kind === "throttled");
    assert.equal(problem.code, "TOKEN_THROTTLE");
    assert.equal(problem.retryAt, bench.clock.now() + 5 * minute);
    assert.equal(
      problem.message,
      "Zoho gives one sign-in at most ten access tokens in ten minutes, and they are used up. Try again in 5 minutes.",
    );
    assert.equal(bench.accounts.calls, 10);
    bench.clock.advance(5 * minute);
    await mint(bench, "t10");
    assert.equal(bench.accounts.calls, 11);
  });

  it("counts only what Zoho gave", async () => {
    const { accounts, tokens } = setUp();
    for (let count = 0; count < 12; count++) {
      const asked = tokens.get();
      await accounts.answer(fail({ ...problem, kind: "offline", reason: "unresolved" }));
      assert.equal(errorOf(await asked).kind, "offline");
    }
  });

  it("is not kept from minting by a clock that was set back", async () => {
    const bench = setUp();
    for (let count = 0; count < 10; count++) await mint(bench, `t${count}`);
    bench.clock.jump(-hour);
    await mint(bench, "later");
    assert.equal(bench.accounts.calls, 11);
  });
});
