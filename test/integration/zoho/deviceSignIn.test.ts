import assert from "node:assert/strict";
import { type TestContext, describe, it } from "node:test";
import { second } from "../../../src/base/clock.ts";
import type { Problem } from "../../../src/base/problem.ts";
import type { Result } from "../../../src/base/result.ts";
import type { Connection } from "../../../src/core/connections/connection.ts";
import { type DevicePrompt, type DeviceSignIn, signInWithDevice } from "../../../src/core/connections/deviceSignIn.ts";
import type { SandboxBehaviour } from "../../../src/sandbox/behaviour.ts";
import { browserClient, deviceClient } from "../../../src/sandbox/oauth/clients.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { AxiosTransport } from "../../../src/zoho/axiosTransport.ts";
import type { HttpRequest } from "../../../src/zoho/httpTransport.ts";
import { FakeClock } from "../../support/fakeClock.ts";
import { errorOf, valueOf } from "../../unit/zoho/scriptedTransport.ts";
import { control, openWindow, startSandbox } from "./editorWindow.ts";

/** Notes when (in seconds from the start) polls go out, and lets the test act before each. */
class PollingTransport extends AxiosTransport {
  readonly polls: (readonly [seconds: number, origin: string])[] = [];
  readonly #clock: FakeClock;
  readonly #begun: number;
  /** Runs before a poll, with its number from 1 and the server that it is for. */
  beforePoll: (poll: number, origin: string) => Promise<void> = async () => Promise.resolve();
  /** The sandbox that plays all servers of Zoho's. */
  readonly #sandboxUrl: string;

  constructor(clock: FakeClock, sandboxUrl: string) {
    super();
    this.#clock = clock;
    this.#begun = clock.now();
    this.#sandboxUrl = sandboxUrl;
  }

  override async send(request: HttpRequest): ReturnType<AxiosTransport["send"]> {
    const { origin, pathname, search } = new URL(request.url);
    if (pathname === "/oauth/v3/device/token") {
      this.polls.push([(this.#clock.now() - this.#begun) / second, origin]);
      await this.beforePoll(this.polls.length, origin);
    }
    const isZoho = /^https:\/\/(accounts\.zoho|www\.zohoapis)\./.test(origin);
    return super.send(isZoho ? { ...request, url: `${this.#sandboxUrl}${pathname}${search}` } : request);
  }

  get times(): readonly number[] {
    return this.polls.map(([seconds]) => seconds);
  }
}

/** A sign-in on another device that has not begun, at a sandbox; the time passes for both by {@link run}. */
class Bench {
  readonly clock: FakeClock;
  readonly sandbox: Sandbox;
  readonly transport: PollingTransport;
  readonly abort = new AbortController();
  readonly prompts: DevicePrompt[] = [];

  private constructor(clock: FakeClock, sandbox: Sandbox) {
    this.clock = clock;
    this.sandbox = sandbox;
    this.transport = new PollingTransport(clock, sandbox.url);
  }

  static async open(test: TestContext, behaviour: Partial<SandboxBehaviour> = {}): Promise<Bench> {
    const clock = new FakeClock();
    return new Bench(clock, await startSandbox(test, { clock, behaviour }));
  }

  /** Signs in, and lets the time pass second by second until that has ended. */
  async run(changes: Partial<DeviceSignIn> = {}): Promise<Result<Connection, Problem>> {
    const outcome = signInWithDevice({
      at: { accountsUrl: this.sandbox.url },
      clientId: deviceClient.client_id,
      clientSecret: deviceClient.client_secret,
      transport: this.transport,
      clock: this.clock,
      signal: this.abort.signal,
      showCode: prompt => this.prompts.push(prompt),
      ...changes,
    });
    const ended = new AbortController();
    void outcome.then(() => ended.abort());
    while (!ended.signal.aborted) {
      // A request is under way while no timer waits.
      if (this.clock.pending > 0) this.clock.advance(second);
      await new Promise(setImmediate);
    }
    return outcome;
  }

  /** Decides about the code that is shown as a person does in a browser. */
  async decide(decision: "accept" | "deny"): Promise<void> {
    const { completeUrl, verificationUrl, userCode } = this.prompts[0] ?? assert.fail("No code is shown");
    const page = completeUrl === verificationUrl ? `${completeUrl}?user_code=${userCode}` : completeUrl;
    const shown = await (await fetch(page)).text();
    const user = /<option value="(\d+)"/.exec(shown)?.[1] ?? assert.fail(shown);
    const body = new URLSearchParams({ user_code: userCode, user, decision });
    assert.equal((await fetch(verificationUrl, { method: "POST", body })).status, 200);
  }
}

describe("signing in on another device", () => {
  const forms: readonly Partial<SandboxBehaviour>[] = [
    {},
    { deviceTimeUnit: "seconds", devicePageAddress: "verification_uri", deviceErrorStatus: 400 },
    { devicePageAddress: "none" },
  ];
  for (const behaviour of forms) {
    it(`makes a connection that works, where answers have the form ${JSON.stringify(behaviour)}`, async test => {
      const bench = await Bench.open(test, behaviour);
      bench.transport.beforePoll = async poll => (poll === 2 ? bench.decide("accept") : Promise.resolve());
      const begun = bench.clock.now();
      const connection = valueOf(await bench.run());
      const [prompt] = bench.prompts;
      assert.equal(prompt?.verificationUrl, `${bench.sandbox.url}/oauth/v3/device`);
      assert.equal(prompt.expiresAt - begun, 300 * second);
      const window = await openWindow(test, bench.clock);
      await window.store.add(connection);
      await window.service.refresh();
      assert.equal(window.service.stateOf(connection.id).kind, "loaded");
      assert.ok(connection.refreshToken !== undefined);
    });
  }

  it("polls once in 30 seconds after it was told to slow down", async test => {
    const bench = await Bench.open(test);
    bench.transport.beforePoll = async poll => (poll === 2 ? bench.decide("accept") : Promise.resolve());
    valueOf(await bench.run());
    assert.deepEqual(bench.transport.times, [5, 10, 40]);
  });

  it("goes on at the data centre of the account, and keeps that in the connection", async test => {
    for (const deviceLocationMember of ["user_location", "dc"] as const) {
      const bench = await Bench.open(test, { location: "us", deviceUserLocation: "eu", deviceLocationMember });
      bench.transport.beforePoll = async (poll, origin) => {
        if (poll === 1) await control(bench.sandbox, "device-decision");
        // The one sandbox plays both centres.
        await control(bench.sandbox, "behaviour", { location: origin.endsWith(".eu") ? "eu" : "us" });
      };
      const connection = valueOf(await bench.run({ at: "us" }));
      const { dataCentre, accountsUrl, apiDomain } = connection;
      assert.deepEqual(
        [dataCentre, accountsUrl, apiDomain],
        ["eu", "https://accounts.zoho.eu", "https://www.zohoapis.eu"],
      );
      assert.deepEqual(
        bench.transport.polls.map(([, origin]) => origin),
        ["https://accounts.zoho.com", "https://accounts.zoho.eu", "https://accounts.zoho.eu"],
      );
    }
  });

  it("sends nothing elsewhere when a server that is not Zoho's names another data centre", async test => {
    const bench = await Bench.open(test, { deviceUserLocation: "eu" });
    bench.transport.beforePoll = async () => control(bench.sandbox, "device-decision");
    assert.equal(errorOf(await bench.run()).code, "UNKNOWN_ACCOUNTS_SERVER");
    assert.equal(bench.transport.polls.length, 1);
  });

  it("ends at once when the person declines", async test => {
    const bench = await Bench.open(test);
    bench.transport.beforePoll = async () => bench.decide("deny");
    assert.equal(errorOf(await bench.run()).code, "access_denied");
    assert.equal(bench.transport.polls.length, 1);
  });

  it("ends when nobody entered the code in time", async test => {
    const bench = await Bench.open(test);
    assert.equal(errorOf(await bench.run()).code, "DEVICE_CODE_EXPIRED");
    assert.ok((bench.transport.times.at(-1) ?? 0) < 300);
  });

  for (const deviceExpiredError of ["expired", "expired_token"] as const) {
    it(`ends when Zoho says ${deviceExpiredError} first`, async test => {
      const bench = await Bench.open(test, { deviceExpiredError });
      bench.transport.beforePoll = async () => control(bench.sandbox, "clock", { advance_ms: 300 * second });
      assert.equal(errorOf(await bench.run()).code, "DEVICE_CODE_EXPIRED");
      assert.equal(bench.transport.polls.length, 1);
    });
  }

  it("goes on when a poll is lost, or something else answers it", async test => {
    const bench = await Bench.open(test, { deviceSlowDown: "within-interval" });
    const path = "/oauth/v3/device/token";
    await control(bench.sandbox, "faults", { kind: "hang-up", path });
    await control(bench.sandbox, "faults", { kind: "status", status: 502, path });
    await control(bench.sandbox, "faults", { kind: "status", status: 401, path });
    await control(bench.sandbox, "faults", { kind: "garbage", path });
    bench.transport.beforePoll = async poll => (poll === 1 ? bench.decide("accept") : Promise.resolve());
    valueOf(await bench.run());
    assert.deepEqual(bench.transport.times, [5, 10, 15, 20, 25]);
  });

  it("ends, with nothing left waiting, when the person cancels", async test => {
    const bench = await Bench.open(test);
    bench.transport.beforePoll = async () => {
      bench.abort.abort();
      return Promise.resolve();
    };
    assert.equal(errorOf(await bench.run()).code, "CANCELLED");
    assert.equal(bench.clock.pending, 0);
  });

  it("says which type of client it takes, and shows no code", async test => {
    const bench = await Bench.open(test);
    const { client_id: clientId, client_secret: clientSecret } = browserClient;
    assert.match(
      errorOf(await bench.run({ clientId, clientSecret })).message,
      /of the type Non-browser Application\.$/,
    );
    assert.deepEqual(bench.prompts, []);
  });
});
