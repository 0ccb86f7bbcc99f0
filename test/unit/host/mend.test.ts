import "../../support/vscodeConfiguration/hook.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aConnection } from "../core/connections/aConnection.ts";

const { mendFor } = await import("../../../src/host/diagnose/mend.ts");

describe("what mends a broken link", () => {
  const subject = { connection: aConnection(), channel: undefined };

  it("is a command with what it is to work on", () => {
    const mend = mendFor("create-subscription", subject);
    assert.equal(mend?.command, "zohoCrm.createSubscription");
    assert.deepEqual(mend.arguments, [{ kind: "connection", connection: subject.connection }]);
  });

  it("is no command where looking again is all: that follows by itself, and once is enough", () => {
    assert.deepEqual(mendFor("retry", subject), {
      title: "Run Again",
      icon: "refresh",
      command: undefined,
      arguments: [],
    });
  });

  it("is nothing where nothing can be done", () => {
    assert.equal(mendFor("none", subject), undefined);
  });
});
