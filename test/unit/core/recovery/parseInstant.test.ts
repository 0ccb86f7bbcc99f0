import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hour, minute } from "../../../../src/base/clock.ts";
import { parseInstant } from "../../../../src/core/recovery/parseInstant.ts";

/** The zone of the process, which tests may set and must put back. */
function inZone(zone: string, work: () => void): void {
  const before = process.env["TZ"];
  process.env["TZ"] = zone;
  try {
    work();
  } finally {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  }
}

describe("an instant that a person writes", () => {
  for (const [zone, ahead] of [
    ["Asia/Tokyo", 9 * hour],
    ["America/St_Johns", -(3.5 * hour)],
    ["UTC", 0],
  ] as const) {
    it(`is meant where the person is, be it a date alone or with a time: ${zone}`, () => {
      inZone(zone, () => {
        const midnight = Date.UTC(2026, 0, 5) - ahead;
        assert.equal(parseInstant("2026-01-05"), midnight);
        assert.equal(parseInstant("2026-01-05 09:30"), midnight + 9 * hour + 30 * minute);
        assert.equal(parseInstant(" 2026-01-05T09:30:15.250 "), midnight + 9 * hour + 30 * minute + 15_000);
      });
    });
  }

  it("is where it says where there is an offset", () => {
    inZone("Asia/Tokyo", () => {
      const instant = Date.UTC(2026, 0, 5, 9, 30);
      for (const text of [
        "2026-01-05T09:30Z",
        "2026-01-05 10:30+01:00",
        "2026-01-05 06:00 -0330",
        "2026-01-05T09:30:00z",
      ]) {
        assert.equal(parseInstant(text), instant, text);
      }
    });
  });

  it("follows the clock of the day: one hour less between the nights when it changes", () => {
    inZone("Europe/Berlin", () => {
      const [before, after] = [parseInstant("2026-03-29"), parseInstant("2026-03-30")];
      assert.equal((after ?? 0) - (before ?? 0), 23 * hour);
    });
  });

  for (const text of [
    "",
    "yesterday",
    "5",
    "2026",
    "05.01.2026",
    "2026-02-30",
    "2026-13-01",
    "2026-01-05 24:00",
    "2026-01-05 24:30",
    "2026-01-05 09:60",
    "2026-01-05 09:30:60",
    "2026-01-05 9h",
    "2026-01-05Z",
    "2026-01-05 09:30 +99:99",
  ]) {
    it(`is not “${text}”`, () => assert.equal(parseInstant(text), undefined));
  }
});
