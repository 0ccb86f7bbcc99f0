import { join } from "node:path";
import { type CDPSession, type Frame } from "playwright-core";
import * as v from "valibot";
import type { Editor } from "../../editor/support/editor.ts";
import { EditorBench } from "../../editor/support/editorBench.ts";
import { SandboxUser } from "../../support/sandboxUser.ts";
import { FrameProbe, frameProbeScript } from "./frameProbe.ts";
import { seedHistory } from "../../support/manyEvents.ts";

const heapSchema = v.object({ usedSize: v.number() });
const countersSchema = v.object({ nodes: v.number() });

/** Events beyond those that are kept when it begins: none is dropped while it is measured. */
const room = 400_000;

/** A real VS Code with a full history, a sandbox and a relay, and what is needed to measure in it. */
export class MeasuredWindow {
  readonly bench: EditorBench;
  readonly editor: Editor;
  readonly crm: SandboxUser;
  /** Where the relay takes in what is sent to this editor. */
  readonly ingestUrl: string;
  readonly #cdp: CDPSession;

  private constructor(bench: EditorBench, editor: Editor, crm: SandboxUser, ingestUrl: string, cdp: CDPSession) {
    this.bench = bench;
    this.editor = editor;
    this.crm = crm;
    this.ingestUrl = ingestUrl;
    this.#cdp = cdp;
  }

  /** With so many kept events before the start. The caller closes `bench`, whatever happens. */
  static async open(bench: EditorBench, events: number): Promise<MeasuredWindow> {
    seedHistory(join(bench.extensionData, "events.sqlite"), events);
    const relayLimits = ["--max-events-per-second", "5000", "--max-body-kib", "20480"];
    const [sandbox, relay] = await Promise.all([
      bench.startServer("sandbox"),
      bench.startServer("relay", { args: relayLimits }),
    ]);
    await bench.startVscode({
      "zohoCrm.sandbox.url": sandbox.url,
      "zohoCrm.relay.url": relay.url,
      "zohoCrm.history.maxEvents": events + room,
    });
    const editor = await bench.open();
    const crm = await SandboxUser.connect(sandbox.url);
    await editor.runCommand("Zoho CRM: Try the Local Sandbox");
    await editor.tree("Subscriptions").row("Deals, Leads").waitFor();
    await editor.inspector();
    const [channel] = await crm.channels();
    if (channel === undefined) throw new Error("The window subscribed to nothing.");
    const cdp = await editor.page.context().newCDPSession(editor.page);
    return new MeasuredWindow(bench, editor, crm, channel.notifyUrl, cdp);
  }

  static async createBench(): Promise<EditorBench> {
    return EditorBench.create({ viewport: { width: 1440, height: 900 }, initScript: frameProbeScript });
  }

  /** The inspector as it is shown now: it is another page after it was hidden. */
  async inspector(): Promise<FrameProbe> {
    const frame = await this.editor.inspector();
    await frame.locator("[role=grid] [role=row][aria-rowindex] .cell.module").first().waitFor();
    return this.probe(frame);
  }

  /** The top of the window. */
  get window(): FrameProbe {
    return this.probe(this.editor.page.mainFrame());
  }

  /** What JavaScript holds in the whole window after its garbage was collected, in MB, and how many nodes there are. */
  async memory(): Promise<{ readonly heap: number; readonly nodes: number }> {
    await this.#cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = v.parse(heapSchema, await this.#cdp.send("Runtime.getHeapUsage"));
    const { nodes } = v.parse(countersSchema, await this.#cdp.send("Memory.getDOMCounters"));
    return { heap: usedSize / 2 ** 20, nodes };
  }

  /** For a frame of this window, or of another page of its browser. */
  probe(frame: Frame): FrameProbe {
    return new FrameProbe(frame, this.#cdp);
  }
}

/** How many events the list says it has. */
export async function listedEvents(frame: Frame): Promise<number> {
  return Number(await frame.locator("[role=grid]").first().getAttribute("aria-rowcount")) - 1;
}

/** Scrolls away and back to the end, as a person does who wants the list to follow: to where it is, nothing scrolls. */
export async function followNewest(probe: FrameProbe): Promise<void> {
  await probe.frame.evaluate("document.querySelector('.scroller').scrollTop = 0");
  await probe.when("document.querySelector('.scroller').scrollTop === 0");
  await probe.frame.evaluate("(list => { list.scrollTop = list.scrollHeight; })(document.querySelector('.scroller'))");
  await probe.when("document.querySelector('.scroller').scrollTop > 0");
}
