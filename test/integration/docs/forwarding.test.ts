import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../src/base/clock.ts";
import { parseRules } from "../../../src/core/forwarding/forwardRule.ts";
import { Document, codeIn } from "../../support/document.ts";
import { capturedPost, notificationBody } from "../../support/eventBodies.ts";
import { openForwarding } from "../../support/forwardingProcess.ts";
import { answer, startHandler } from "../../support/handlerServer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const page = Document.read("docs/forwarding.md");
const prefix = "x-zoho-crm-notifications-";

describe("docs/forwarding.md, followed", () => {
  it("sends what its rule chooses, to the byte, with the headers of its table and none besides", async test => {
    const handler = await startHandler(test, () => answer(200));
    const written = page.section("Begin").block("json").replace("http://localhost:3000", handler.url);
    const settings = JSON.parse(`{${written}}`) as Readonly<Record<string, unknown>>;
    const { rules, malformed } = parseRules(settings["zohoCrm.forward.rules"]);
    assert.deepEqual([rules.length, malformed], [1, 0]);
    const window = openForwarding(temporaryFolder(test), handler.url, systemClock, rules);
    test.after(() => window.close());
    const deal = notificationBody({ module: "Deals", operation: "update" });
    const others = [{ module: "Leads" }, { module: "Deals", operation: "insert" }].map(notificationBody);
    const headers = [
      ["Content-Type", "application/json"],
      ["X-Twice", "1"],
      ["x-twice", "2"],
      ["Host", "relay.example.com"],
      ["Connection", "keep-alive"],
    ] as const;
    window.history.sinkFor("https://relay.example.com", "channel").store(
      [...others, deal].map((body, index) => ({
        sequence: index + 1,
        receivedAt: Date.now(),
        payload: capturedPost(body, { path: "/leads", query: "a=1", headers: [...headers] }),
      })),
    );
    await handler.received(1);
    const [request] = handler.requests;
    assert.equal(handler.requests.length, 1);
    assert.equal(request?.startLine, "POST /zoho/leads?a=1 HTTP/1.1");
    assert.equal(request.body.toString(), deal);
    const rows = page.section("What your handler gets").rows();
    const documented = rows.flatMap(([name]) => codeIn(name)).map(name => name.toLowerCase());
    const marks = request.headers.filter(line => line.toLowerCase().startsWith(prefix));
    const names = marks.map(line => line.toLowerCase().slice(0, line.indexOf(":")));
    // Nobody had it sent again.
    assert.deepEqual(
      names,
      documented.filter(name => name !== `${prefix}replay`),
    );
    assert.deepEqual(
      marks.map(line => line.slice(line.indexOf(":") + 2)),
      ["3", "3", "1"],
    );
    const own = request.headers.filter(line => !line.toLowerCase().startsWith(prefix));
    assert.deepEqual(own, [
      `Host: ${new URL(handler.url).host}`,
      ...["Content-Type: application/json", "X-Twice: 1", "x-twice: 2"],
      `Content-Length: ${deal.length}`,
      "Connection: close",
    ]);
  });
});
