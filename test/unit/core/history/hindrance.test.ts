import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { hindranceOf } from "../../../../src/core/history/hindrance.ts";

const error = (parts: object): Error => Object.assign(new Error("no"), parts);

describe("hindranceOf", () => {
  it("tells a file that others use from a full disk, and from one that nobody here may write", () => {
    // 261 is SQLITE_BUSY_RECOVERY: the extended codes have the primary one in their last byte.
    assert.deepEqual(
      [5, 6, 261, 13, 8, 14, 10].map(errcode => hindranceOf(error({ errcode }))),
      ["busy", "busy", "busy", "full", "no-permission", "no-permission", "other"],
    );
    assert.deepEqual(
      ["EBUSY", "ENOSPC", "EDQUOT", "EACCES", "EROFS", "ENOTDIR"].map(code => hindranceOf(error({ code }))),
      ["busy", "full", "full", "no-permission", "no-permission", "other"],
    );
    assert.equal(hindranceOf("thrown"), "other");
  });

  it("reads the errors that SQLite throws here", () => {
    assert.throws(
      () => new DatabaseSync("/dev/null/none.sqlite"),
      thrown => hindranceOf(thrown) === "no-permission",
    );
  });
});
