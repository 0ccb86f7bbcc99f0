import type { Exclusive } from "../../src/core/windows/turns.ts";
import { MemoryVault } from "./memoryVault.ts";

/** A vault whose windows take turns and answer each other's requests in between, as the editor's do. */
export class TurnsVault extends MemoryVault {
  readonly #last = new Map<string, Promise<unknown>>();

  override async get(key: string): Promise<string | undefined> {
    await anotherTurn();
    return super.get(key);
  }

  override async store(key: string, value: string): Promise<void> {
    await anotherTurn();
    await super.store(key, value);
  }

  override async delete(key: string): Promise<void> {
    await anotherTurn();
    await super.delete(key);
  }

  readonly exclusive: Exclusive = async (name, work) => {
    const turn = (this.#last.get(name) ?? Promise.resolve()).then(async () => work(() => true));
    this.#last.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  };
}

/** The editor's other work comes first. */
async function anotherTurn(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve));
}
