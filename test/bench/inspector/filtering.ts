import { type Figure, figureOf } from "./figure.ts";
import { type MeasuredWindow, listedEvents } from "./measuredWindow.ts";

/** What people look for, from what most events have to what one in a hundred has, and what none has. */
const filters = [
  "module:Deals",
  "operation:edit field:Stage",
  "wharfseven",
  "-module:Leads -module:Tasks harbour",
  "id:3652397000000050000",
  "since:1d operation:delete",
  "nothingtobefound",
];

/** From Enter in the filter box to the rows of the filter. */
export async function filterFigures(window: MeasuredWindow, plain: readonly number[]): Promise<Figure[]> {
  const probe = await window.inspector();
  const box = probe.frame.getByRole("combobox").or(probe.frame.getByRole("searchbox")).first();
  const all = await listedEvents(probe.frame);
  const values: number[] = [];
  for (const filter of filters) {
    const [own] = await Promise.all([probe.number(newRows), enter(filter)]);
    values.push(own);
    await enter("");
    await probe.when(`document.querySelector('[role=grid]').getAttribute('aria-rowcount') === '${all + 1}'`);
  }
  return [
    figureOf(`filter over ${all.toLocaleString("en")}: Enter → rows`, "longest", values, {
      plain,
      target: { atMost: 100 },
    }),
    figureOf(`filter over ${all.toLocaleString("en")}: Enter → rows`, "median", values, { plain }),
  ];

  async function enter(text: string): Promise<void> {
    await box.fill(text);
    await box.press("Enter");
  }
}

/** From the next Enter to the frame in which the list has another length. */
const newRows = `new Promise(done => {
  const grid = document.querySelector("[role=grid]");
  const before = grid.getAttribute("aria-rowcount");
  const pressed = event => {
    if (event.key !== "Enter") return;
    removeEventListener("keydown", pressed, true);
    const begun = event.timeStamp;
    void zcnProbe
      .when(() => grid.getAttribute("aria-rowcount") !== before && document.querySelector(".kind-loading") === null)
      .then(() => done(performance.now() - begun));
  };
  addEventListener("keydown", pressed, true);
})`;
