import { type Figure, figureOf } from "./figure.ts";
import { type MeasuredWindow, followNewest } from "./measuredWindow.ts";
import { sendOne } from "./sending.ts";

const marker = "the end of five megabytes";

/** Opens an event whose payload has 5 MB, and looks at each tab of it. */
export async function largePayloadFigures(window: MeasuredWindow): Promise<Figure[]> {
  const probe = await window.inspector();
  await followNewest(probe);
  await sendOne(window.ingestUrl, largeBody());
  const row = probe.frame.locator("[role=grid] [role=row]").filter({ hasText: "Large_Module" });
  await row.first().waitFor();
  const tabs = probe.frame.getByRole("tab");
  const frames = await probe.during(async () => {
    await row.first().click();
    await tabs.first().waitFor();
    for (const tab of await tabs.all()) {
      await tab.click();
      await probe.when("document.querySelector('[role=tabpanel]') !== null");
    }
    await window.editor.page.waitForTimeout(1_000);
  });
  return [
    figureOf("5 MB payload, each tab: frame", "longest", frames.frames, { target: { atMost: 100 } }),
    figureOf("5 MB payload, each tab: processor time of a task", "longest", frames.tasks, { target: { atMost: 100 } }),
  ];
}

/** A delivery with the values of many records; Zoho's own has up to a hundred, larger ones. */
function largeBody(): string {
  const ids = Array.from({ length: 5_000 }, (_, index) => String(3_700_000_000_000_000_000n + BigInt(index)));
  const values = { Description: "A flat with a view of the harbour. ".repeat(28), Stage: "Site Visit Scheduled" };
  return JSON.stringify({
    server_time: Date.now(),
    affected_values: ids.map(record_id => ({ record_id, values })),
    query_params: { marker },
    module: "Large_Module",
    ids,
    affected_fields: ids.map(id => ({ [id]: Object.keys(values) })),
    operation: "update",
    channel_id: "1105420521999070702",
    token: "token-of-the-benchmark",
  });
}
