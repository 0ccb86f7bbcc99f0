/**
 * What VS Code runs once the extension has been uninstalled (`vscode:uninstall` in package.json): ends the servers that
 * it left behind and removes its data.
 */
import { join } from "node:path";
import { systemClock } from "../../base/clock.ts";
import { DataPlaces } from "./dataPlaces.ts";
import { forgetData } from "./forgetData.ts";

const places = new DataPlaces(join(import.meta.dirname, ".."));
for (const place of places.list()) {
  const stopped = await forgetData(place, systemClock);
  process.stdout.write(`Removed ${place}; ended: ${stopped.join(", ") || "nothing"}.\n`);
}
places.clear();
