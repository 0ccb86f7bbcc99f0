import type { Frame, Locator } from "playwright-core";

/** A row of the event list as it reads. */
export interface ShownEvent {
  /** "Verified", "Token differs"… */
  readonly status: string;
  readonly operation: string;
  readonly module: string;
  readonly record: string;
  readonly fields: string;
}

/** The event inspector as a person sees it: the list, and the detail of what is selected. */
export class InspectorPage {
  readonly frame: Frame;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  /** The rows in view, as a locator. */
  get rows(): Locator {
    return this.frame.locator(".list .canvas [role=row]");
  }

  /** The pane with the selected event. */
  get detail(): Locator {
    return this.frame.getByRole("region", { name: "Event", exact: true });
  }

  /** Waits until at least `count` rows are shown, and reads those in view. */
  async events(count: number): Promise<ShownEvent[]> {
    await this.rows.nth(count - 1).waitFor();
    const shown = await this.rows.all();
    const placed = await Promise.all(
      shown.map(async row => ({ at: Number(await row.getAttribute("aria-rowindex")), event: await readRow(row) })),
    );
    return placed.sort((a, b) => a.at - b.at).map(({ event }) => event);
  }

  /** Selects the first row in view that holds `text`. */
  async select(text: string): Promise<void> {
    await this.rows.filter({ hasText: text }).first().click();
  }

  /** Shows one of the detail's tabs. */
  async showTab(name: string): Promise<void> {
    await this.frame.getByRole("tab", { name, exact: true }).click();
  }
}

async function readRow(row: Locator): Promise<ShownEvent> {
  const textOf = async (column: string): Promise<string> => {
    const cell = row.locator(`.cell.${column}`);
    return (await cell.count()) === 0 ? "" : (await cell.innerText()).trim();
  };
  return {
    status: await textOf("status"),
    operation: await textOf("operation"),
    module: await textOf("module"),
    record: await textOf("record"),
    fields: await textOf("fields"),
  };
}
