import * as v from "valibot";
import { Collection } from "../state/collection.ts";
import type { Storage } from "../state/storage.ts";
import { type Module, defineModule, plainModule } from "./module.ts";
import { standardModules } from "./standardModules.ts";

const firstCustomNumber = 2400;

/** The modules of the organisation: the standard ones, and as many custom ones as were asked for. */
export class ModuleCatalog {
  readonly #customCount: Collection<number>;
  #modules: ReadonlyMap<string, Module>;

  constructor(storage: Storage) {
    this.#customCount = new Collection("custom_modules", storage, v.number());
    this.#modules = this.#assemble();
  }

  all(): readonly Module[] {
    return [...this.#modules.values()];
  }

  named(apiName: string): Module | undefined {
    return this.#modules.get(apiName);
  }

  /** Adds custom modules until there are `total` modules in all. */
  growTo(total: number): void {
    const missing = total - this.#modules.size;
    if (missing <= 0) return;
    this.#customCount.put("count", (this.#customCount.get("count") ?? 0) + missing);
    this.#modules = this.#assemble();
  }

  #assemble(): ReadonlyMap<string, Module> {
    const custom = Array.from({ length: this.#customCount.get("count") ?? 0 }, (_, index) => customModule(index + 1));
    return new Map([...standardModules, ...custom].map(module => [module.apiName, module]));
  }
}

function customModule(number: number): Module {
  const draft = plainModule(firstCustomNumber + number, `Custom_${number}`, `Custom ${number}`, "Name");
  return defineModule({ ...draft, custom: true });
}
