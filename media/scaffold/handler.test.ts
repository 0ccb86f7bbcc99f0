import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { HandledEvents } from "./receiver/handledEvents.ts";
import { parseJson } from "./receiver/notification.ts";
import { createReceiver } from "./receiver/receiver.ts";

const token = "the-token-of-the-tests";
const fixtures = readdirSync(join(import.meta.dirname, "fixtures")).filter(name => name.endsWith(".zoho-event.json"));

/** The body in a fixture, with the token where the fixture leaves room for one. */
function bodyOf(fixture: string): string {
  const text = readFileSync(join(import.meta.dirname, "fixtures", fixture), "utf8");
  const file = parseJson(text) as { readonly request: { readonly json: unknown } };
  return JSON.stringify(file.request.json).replaceAll("${ZOHO_CHANNEL_TOKEN}", token);
}

describe("the handler", () => {
  const folder = mkdtempSync(join(tmpdir(), "handler-test-"));
  let server: Server;
  let handled: HandledEvents;

  before(async () => {
    // What your code writes must not go where the real one's is: set such places here, before it is loaded.
    process.env["CALENDAR_FILE"] = join(folder, "calendar.json");
    const { handle } = await import("./handler.ts");
    const channels = fixtures.map(bodyOf).map(body => String((parseJson(body) as { channel_id: unknown }).channel_id));
    handled = await HandledEvents.open(join(folder, "handled.log"));
    server = createReceiver({ handle, handled, tokens: new Map(channels.map(channel => [channel, token])) });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  after(async () => {
    server.close();
    await handled.close();
    rmSync(folder, { recursive: true });
  });

  async function send(body: string): Promise<{ status: number; text: string }> {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
    return { status: response.status, text: await response.text() };
  }

  for (const fixture of fixtures) {
    it(`handles ${fixture}, and the second time sees that it was handled`, async () => {
      assert.deepEqual(await send(bodyOf(fixture)), { status: 200, text: "1 handled, 0 had been handled before.\n" });
      assert.deepEqual(await send(bodyOf(fixture)), { status: 200, text: "0 handled, 1 had been handled before.\n" });
    });

    it(`refuses ${fixture} with another token`, async () => {
      assert.equal((await send(bodyOf(fixture).replaceAll(token, "guessed"))).status, 401);
    });
  }

  it("refuses what is no notification", async () => {
    assert.equal((await send("hello")).status, 400);
  });
});
