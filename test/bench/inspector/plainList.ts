import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import type { MeasuredFrames } from "./frameProbe.ts";
import type { MeasuredWindow } from "./measuredWindow.ts";
import { type Scrolling, scrollThrough } from "./scrolling.ts";

/** What the plain list needed for the same. */
export interface PlainFigures {
  readonly opening: readonly number[];
  readonly scrolling: Scrolling;
  readonly flood: MeasuredFrames;
  readonly filtering: readonly number[];
}

const html = `<!DOCTYPE html>
<meta charset="UTF-8" />
<style>
  body { margin: 0; font: 13px sans-serif; }
  [data-plain] { height: 340px; overflow: auto; }
  .row { height: 22px; line-height: 22px; white-space: pre; overflow: hidden; text-overflow: ellipsis; }
</style>
<div data-plain tabindex="0"></div>
<script src="plain.js"></script>`;

/** Measures a list of the same rows without virtualisation, in a page of its own of the same browser. */
export async function measurePlainList(window: MeasuredWindow, count: number): Promise<PlainFigures> {
  const server = await serve(count);
  const page = await window.editor.page.context().newPage();
  try {
    const { port } = server.address() as AddressInfo;
    return await measure(window, page, `http://127.0.0.1:${port}/`);
  } finally {
    await page.close();
    await window.editor.page.bringToFront();
    server.close();
    server.closeAllConnections();
  }
}

async function measure(window: MeasuredWindow, page: Page, url: string): Promise<PlainFigures> {
  page.setDefaultTimeout(120_000);
  await page.goto(url);
  const probe = window.probe(page.mainFrame());
  await probe.when("document.querySelector('[data-plain] .row') !== null");
  const opened = await probe.number("performance.now()");
  const list = page.locator("[data-plain]");
  const scroller = "document.querySelector('[data-plain]')";
  const scrolling = await scrollThrough({ probe, page, keys: list, scroller }, 0.1);
  const flood = await probe.during(async () => flooding(page));
  const filtering: number[] = [];
  for (const word of ["Deals", "wharf"]) {
    filtering.push(
      await probe.number(`(async () => {
      const begun = performance.now();
      plainList.filter("");
      plainList.filter(${JSON.stringify(word)});
      await zcnProbe.when(() => true);
      return performance.now() - begun;
    })()`),
    );
  }
  return { opening: [opened], scrolling, flood, filtering };
}

/** Five seconds of a thousand events a second, in batches as the inspector gets them. */
async function flooding(page: Page): Promise<void> {
  const batch = JSON.stringify(Array.from({ length: 50 }, (_, index) => plainRow(index)));
  const end = performance.now() + 5_000;
  while (performance.now() < end) {
    await page.evaluate(`plainList.append(${batch})`);
    await page.keyboard.press("ArrowUp");
    await delay(50);
  }
}

async function serve(count: number): Promise<Server> {
  const rows = JSON.stringify(Array.from({ length: count }, (_, index) => plainRow(index)));
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    "/": ["text/html", html],
    "/plain.js": ["text/javascript", readFileSync(new URL("plain.js", import.meta.url), "utf8")],
    "/rows.json": ["application/json", rows],
  };
  const server = createServer((request, response) => {
    const [type, text] = files[request.url ?? ""] ?? ["text/plain", ""];
    response.writeHead(text === "" ? 404 : 200, { "content-type": type }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function plainRow(index: number): Readonly<Record<string, string>> {
  return {
    status: "Verified",
    time: new Date(1_750_000_000_000 + index).toISOString().slice(11, 23),
    operation: ["Created", "Edited", "Deleted"][index % 3] ?? "",
    module: ["Leads", "Deals", "Contacts", "Accounts"][index % 4] ?? "",
    record: String(3_652_397_000_000_000_000n + BigInt(index)),
    fields: "Stage, Amount, Closing_Date",
    size: "1.2 KB",
  };
}
