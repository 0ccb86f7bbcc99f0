import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";

const placesSchema = v.pipe(v.string(), v.parseJson(), v.array(v.string()));

/**
 * Where an installation of the extension keeps its data: a note in the folder of the installation, since the program
 * that runs when it is uninstalled is told nothing. Several, as editors with different user data share installations.
 */
export class DataPlaces {
  readonly #file: string;

  constructor(extensionFolder: string) {
    this.#file = join(extensionFolder, ".data-places.json");
  }

  list(): readonly string[] {
    try {
      return v.parse(placesSchema, readFileSync(this.#file, "utf8"));
    } catch {
      return [];
    }
  }

  /** Throws where the installation cannot be written to. */
  add(place: string): void {
    const places = this.list();
    if (!places.includes(place)) writeFileSync(this.#file, JSON.stringify([...places, place]));
  }

  clear(): void {
    rmSync(this.#file, { force: true });
  }
}
