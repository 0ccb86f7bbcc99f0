import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  apiConsoleUrl,
  dataCentreById,
  dataCentreOfAccountsUrl,
  dataCentres,
  organizationTypeAt,
  sharesAccounts,
} from "../../../src/zoho/dataCentre.ts";

describe("data centres", () => {
  it("are found by their own accounts servers", () => {
    for (const centre of dataCentres) {
      assert.equal(dataCentreOfAccountsUrl(`${centre.accountsUrl}/oauth`), centre);
      assert.equal(dataCentreById(centre.id), centre);
    }
  });

  it("have an API console, and so has one that Zoho opened later", () => {
    assert.equal(apiConsoleUrl(dataCentreById("ca").accountsUrl), "https://api-console.zohocloud.ca");
    assert.equal(apiConsoleUrl("https://accounts.zoho.new"), "https://api-console.zoho.new");
    assert.equal(apiConsoleUrl("http://127.0.0.1:4000"), undefined);
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

  it("are those of Zoho's documentation, each with its own hosts", () => {
    assert.deepEqual(
      dataCentres.map(({ id, accountsUrl, apiUrl }) => [id, accountsUrl, apiUrl].join(" ")),
      [
        "us https://accounts.zoho.com https://www.zohoapis.com",
        "eu https://accounts.zoho.eu https://www.zohoapis.eu",
        "in https://accounts.zoho.in https://www.zohoapis.in",
        "au https://accounts.zoho.com.au https://www.zohoapis.com.au",
        "jp https://accounts.zoho.jp https://www.zohoapis.jp",
        "cn https://accounts.zoho.com.cn https://www.zohoapis.com.cn",
        "ca https://accounts.zohocloud.ca https://www.zohoapis.ca",
        "sa https://accounts.zoho.sa https://www.zohoapis.sa",
        "uk https://accounts.zoho.uk https://www.zohoapis.uk",
        "ae https://accounts.zoho.ae https://www.zohoapis.ae",
      ],
    );
  });

  it("tell sandbox and developer organisations by the host of their API", () => {
    for (const { apiUrl } of dataCentres) {
      assert.equal(organizationTypeAt(apiUrl), undefined);
      assert.equal(organizationTypeAt(apiUrl.replace("www", "sandbox")), "Sandbox");
      assert.equal(organizationTypeAt(apiUrl.replace("www", "developer")), "Developer");
    }
    const strangers = ["https://sandbox.example.com", "http://sandbox.zohoapis.eu", "http://127.0.0.1:4000"];
    for (const stranger of strangers) assert.equal(organizationTypeAt(stranger), undefined, stranger);
  });

  it("share accounts, but China's with none", () => {
    assert.ok(sharesAccounts(dataCentreById("us"), dataCentreById("eu")));
    assert.ok(sharesAccounts(dataCentreById("cn"), dataCentreById("cn")));
    assert.ok(!sharesAccounts(dataCentreById("us"), dataCentreById("cn")));
    assert.ok(!sharesAccounts(dataCentreById("cn"), dataCentreById("in")));
  });
});
