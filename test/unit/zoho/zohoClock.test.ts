import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { day, hour, minute, second } from "../../../src/base/clock.ts";
import { ZohoClock } from "../../../src/zoho/zohoClock.ts";
import { FakeClock } from "../../support/fakeClock.ts";

/** An exchange with a server whose clock is `ahead` of this machine's; each way takes `latency`. */
function exchange(clock: FakeClock, zoho: ZohoClock, ahead: number, latency: number): void {
  const sentAt = clock.now();
  clock.jump(latency);
  const date = new Date(clock.now() + ahead).toUTCString();
  clock.jump(latency);
  zoho.note({ headers: { date } }, { sentAt, receivedAt: clock.now() });
}

describe("ZohoClock", () => {
  it("goes by this machine's clock until an answer tells Zoho's time", () => {
    const clock = new FakeClock();
    const zoho = new ZohoClock(clock);
    zoho.note({ headers: {} }, { sentAt: clock.now(), receivedAt: clock.now() });
    zoho.note({ headers: { date: "soon" } }, { sentAt: clock.now(), receivedAt: clock.now() });
    assert.equal(zoho.now(), clock.now());
  });

  for (const ahead of [3 * hour, -3 * hour, 400 * day, 350, 0]) {
    it(`is off by less than a second and the way there where Zoho's clock is ${ahead} ms ahead`, () => {
      const clock = new FakeClock();
      const zoho = new ZohoClock(clock);
      exchange(clock, zoho, ahead, 200);
      assert.ok(Math.abs(zoho.ahead - ahead) <= 700, String(zoho.ahead - ahead));
      assert.equal(zoho.now(), clock.now() + zoho.ahead);
      assert.equal(zoho.toLocal(zoho.now()), clock.now());
      assert.deepEqual([zoho.hasPassed(zoho.now()), zoho.hasPassed(zoho.now() + 1)], [true, false]);
    });
  }

  it("is the more exact the more answers there were", () => {
    const clock = new FakeClock();
    const zoho = new ZohoClock(clock);
    for (let count = 0; count < 50; count++) {
      exchange(clock, zoho, 12_345, 20);
      clock.jump(37 * second + 173);
    }
    assert.ok(Math.abs(zoho.ahead - 12_345) <= 120, String(zoho.ahead));
  });

  it("follows a clock that was set while it runs once two answers agree, and drops an exchange during which it was", () => {
    const clock = new FakeClock();
    const zoho = new ZohoClock(clock);
    exchange(clock, zoho, 0, 20);
    clock.jump(5 * hour);
    exchange(clock, zoho, -5 * hour, 20);
    assert.ok(Math.abs(zoho.ahead) <= second);
    exchange(clock, zoho, -5 * hour, 20);
    assert.ok(Math.abs(zoho.ahead + 5 * hour) <= second);
    const sentAt = clock.now();
    clock.jump(-2 * hour);
    const before = zoho.ahead;
    zoho.note({ headers: { date: new Date(0).toUTCString() } }, { sentAt, receivedAt: clock.now() });
    assert.equal(zoho.ahead, before);
  });

  it("is not moved by a single answer of another time, nor by several that agree with nothing", () => {
    const clock = new FakeClock();
    const zoho = new ZohoClock(clock);
    exchange(clock, zoho, 0, 20);
    for (const ahead of [8 * day, 0, 8 * day, -3 * day, 0, 8 * day, 2 * minute, 0]) {
      exchange(clock, zoho, ahead, 20);
      assert.ok(Math.abs(zoho.ahead) <= second, `${zoho.ahead} after ${ahead}`);
    }
  });

  it("follows a drift of seconds at once", () => {
    const clock = new FakeClock();
    const zoho = new ZohoClock(clock);
    exchange(clock, zoho, 0, 20);
    exchange(clock, zoho, 30 * second, 20);
    assert.ok(Math.abs(zoho.ahead - 30 * second) <= second);
  });

  const oddDates = ["1", "2001", "2026-01-05T09:00:00Z", "Mon, 05 Jan 2026 09:00:00", "Sun, 31 Feb 2026 09:00:00 GMT"];
  for (const date of [...oddDates, "Monday, 05-Jan-26 09:00:00 GMT", "Invalid Date", ""]) {
    it(`learns nothing from the date ${JSON.stringify(date)}`, () => {
      const clock = new FakeClock();
      const zoho = new ZohoClock(clock);
      clock.jump(hour);
      const times = { sentAt: clock.now(), receivedAt: clock.now() };
      assert.equal(zoho.isNews({ headers: { date } }, times), false);
      zoho.note({ headers: { date } }, times);
      assert.equal(zoho.ahead, 0);
    });
  }

  it("has no news from an answer that says what is known already, but where another one is in doubt", () => {
    const clock = new FakeClock();
    const zoho = new ZohoClock(clock);
    exchange(clock, zoho, 0, 20);
    const vague = (): boolean => {
      const date = new Date(clock.now()).toUTCString();
      return zoho.isNews({ headers: { date } }, { sentAt: clock.now() - minute, receivedAt: clock.now() + minute });
    };
    assert.equal(vague(), false);
    exchange(clock, zoho, hour, 20);
    assert.equal(vague(), true);
  });
});
