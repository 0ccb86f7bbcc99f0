import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, second } from "../../../src/base/clock.ts";
import { RateLimiter } from "../../../src/relay/rateLimiter.ts";
import { FakeClock } from "../../support/fakeClock.ts";

describe("a rate limit", () => {
  it("lets a burst pass, then says how long to wait", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ perSecond: 2, burst: 4 }, clock);
    for (let count = 0; count < 4; count++) {
      assert.equal(limiter.wait("a"), 0);
      limiter.take("a", 1);
    }
    assert.equal(limiter.wait("a"), 500);
    assert.equal(limiter.wait("b"), 0, "another key is another bucket");
    clock.advance(499);
    assert.equal(limiter.wait("a"), 1);
    clock.advance(1);
    assert.equal(limiter.wait("a"), 0);
  });

  it("lets what is larger than a bucket pass, and makes it pay afterwards", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ perSecond: 10, burst: 100 }, clock);
    limiter.take("a", 1_000);
    assert.equal(limiter.wait("a"), 90_100);
    clock.advance(90_100);
    assert.equal(limiter.wait("a"), 0);
  });

  it("goes on refilling when the clock is set back, and is full after it is set forward", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, clock);
    limiter.take("a", 1);
    clock.jump(-hour);
    assert.equal(limiter.wait("a"), second);
    clock.jump(second);
    assert.equal(limiter.wait("a"), 0);
    limiter.take("a", 1);
    clock.jump(hour);
    limiter.take("a", 1);
    assert.equal(limiter.wait("a"), second, "no more than a burst has gathered");
  });

  it("holds no key that is at rest, however many there were", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, clock);
    for (let count = 0; count < 100_000; count++) {
      limiter.take(`key ${count}`, 1);
      clock.advance(1);
    }
    assert.ok(limiter.size <= 4_096, `${limiter.size} keys`);
  });

  it("of 0 is none", () => {
    const limiter = new RateLimiter({ perSecond: 0, burst: 0 }, new FakeClock());
    limiter.take("a", 1e9);
    assert.deepEqual([limiter.wait("a"), limiter.size], [0, 0]);
  });
});
