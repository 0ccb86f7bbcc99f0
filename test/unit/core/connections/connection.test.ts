import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as v from "valibot";
import {
  connectionSchema,
  tokenOriginOf,
  userWhereNeeded,
  userWords,
} from "../../../../src/core/connections/connection.ts";
import { aConnection, aCredentialsConnection } from "./aConnection.ts";

describe("a kept connection", () => {
  it("is read as it was kept before there were client credentials", () => {
    const kept = v.parse(connectionSchema, JSON.parse(JSON.stringify(aConnection())));
    assert.deepEqual(kept, aConnection());
    assert.deepEqual(tokenOriginOf(kept), { kind: "refresh-token", refreshToken: "refresh-hush" });
  });

  it("may have an organisation's id in place of a refresh token", () => {
    const kept = v.parse(connectionSchema, JSON.parse(JSON.stringify(aCredentialsConnection())));
    assert.deepEqual(tokenOriginOf(kept), { kind: "client-credentials", zgid: "66489999" });
  });

  for (const damaged of [
    { ...aConnection(), refreshToken: undefined },
    { ...aConnection(), refreshToken: "" },
    { ...aConnection(), zgid: "66489999" },
    { ...aCredentialsConnection(), zgid: "org66489999" },
  ]) {
    it(`has exactly one way to a token, not ${JSON.stringify([damaged.refreshToken, damaged.zgid])}`, () => {
      assert.equal(v.is(connectionSchema, damaged), false);
    });
  }
});

describe("the user of a connection", () => {
  const ines = aConnection();
  const asha = { ...ines, id: "b", user: { id: "3", name: "Asha Rao", email: "" } };
  const elsewhere = { ...ines, id: "c", organization: { ...ines.organization, name: "Cedar Homes" } };

  it("is shown where several have an organisation of the same name", () => {
    assert.deepEqual(
      [ines, asha, elsewhere].map(connection => userWhereNeeded(connection, [ines, asha, elsewhere])),
      [ines.user.email, "Asha Rao", undefined],
    );
  });

  it("is the email address, or the name where there is none", () => {
    assert.deepEqual(
      [ines, asha].map(({ user }) => userWords(user)),
      [ines.user.email, "Asha Rao"],
    );
  });
});
