import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dataCentreById, dataCentreOfAccountsUrl, dataCentres } from "../../../src/zoho/dataCentre.ts";

describe("data centres", () => {
  it("are found by their own accounts servers", () => {
    for (const centre of dataCentres) {
      assert.equal(dataCentreOfAccountsUrl(`${centre.accountsUrl}/oauth`), centre);
      assert.equal(dataCentreById(centre.id), centre);
    }
  });

  it("are not found by anything that only looks like one", () => {
    const strangers = [
      "http://accounts.zoho.eu",
      "https://accounts.zoho.eu.example.com",
      "https://accounts.zoho.eu:8443",
      "https://zoho.eu",
      "accounts.zoho.eu",
      "",
    ];
    for (const stranger of strangers) assert.equal(dataCentreOfAccountsUrl(stranger), undefined, stranger);
  });
});
