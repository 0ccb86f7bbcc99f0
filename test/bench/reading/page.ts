import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { type Browser, type CDPSession, type Page, chromium } from "playwright-core";
import * as v from "valibot";
import { chromiumArguments, ensureChromium } from "../../workbench/chromium.ts";
import type { SentMessage } from "./client.ts";

const metricsSchema = v.object({ metrics: v.array(v.object({ name: v.string(), value: v.number() })) });

/** The shell that the host makes, without an editor around it. */
const html = `<!DOCTYPE html>
<html lang="en">
  <link rel="stylesheet" href="inspector.css" />
  <style>body { height: 340px; }</style>
  <div id="inspector"></div>
  <script type="application/json" id="l10n">{}</script>
  <script>
    const acquireVsCodeApi = () => ({ postMessage: () => undefined, getState: () => undefined, setState: () => undefined });
    const replay = async messages => {
      const begun = performance.now() - messages[0].at;
      for (const { at, text } of messages) {
        const wait = begun + at - performance.now();
        if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
        postMessage(JSON.parse(text), "*");
      }
    };
  </script>
  <script src="inspector.js"></script>
</html>`;

/** The inspector's page of one checkout in a real browser, without an editor. */
export class MeasuredPage {
  readonly #page: Page;
  readonly #cdp: CDPSession;
  readonly #folder: string;

  private constructor(page: Page, cdp: CDPSession, folder: string) {
    this.#page = page;
    this.#cdp = cdp;
    this.#folder = folder;
  }

  static async open(browser: Browser, checkout: string): Promise<MeasuredPage> {
    const folder = mkdtempSync(join(tmpdir(), "reading-bench-"));
    await build({
      entryPoints: { inspector: join(checkout, "src/webview/main.ts") },
      ...{ outdir: folder, bundle: true, minify: true, format: "iife", platform: "browser", logLevel: "error" },
      loader: { ".ttf": "file" },
    });
    const file = join(folder, "index.html");
    writeFileSync(file, html);
    const page = await browser.newPage({ viewport: { width: 1440, height: 340 } });
    await page.goto(pathToFileURL(file).href);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    return new MeasuredPage(page, cdp, folder);
  }

  /**
   * Microseconds of processor time that the page's thread spends while it is told this, at the pace of the host. At the
   * end its list has to have so many events.
   */
  async cost(messages: readonly SentMessage[], events: number): Promise<number> {
    await this.#page.bringToFront();
    const before = await this.#spent();
    await this.#page.evaluate(`replay(${JSON.stringify(messages)})`);
    await this.#page.locator(`[role=grid][aria-rowcount="${events + 1}"]`).waitFor();
    return ((await this.#spent()) - before) * 1e6;
  }

  async close(): Promise<void> {
    await this.#page.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Seconds: script, style, layout and painting. */
  async #spent(): Promise<number> {
    const { metrics } = v.parse(metricsSchema, await this.#cdp.send("Performance.getMetrics"));
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN;
  }
}

export async function launchBrowser(say: (text: string) => void): Promise<Browser> {
  return chromium.launch({ executablePath: await ensureChromium(say), args: [...chromiumArguments] });
}
