import { type Disposable, Emitter, type Event, toDisposable } from "../../../base/lifecycle.ts";
import type { ForwardRule } from "../../forwarding/forwardRule.ts";
import type { ForwardRequest } from "./forwardRequest.ts";

/** Rules that live as long as somebody wants them, such as a debug session. They go before those of the settings. */
export class TemporaryRules implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly #requests = new Set<{ readonly name: string; readonly request: ForwardRequest }>();

  readonly onDidChange: Event<void> = this.#changed.event;

  list(): readonly ForwardRule[] {
    return [...this.#requests].flatMap(({ name, request }) => rulesOf(name, request));
  }

  /** Has events sent until what it returns is disposed of. `name` says to people for whom. */
  add(name: string, request: ForwardRequest): Disposable {
    const entry = { name, request };
    this.#requests.add(entry);
    this.#changed.fire();
    return toDisposable(() => {
      this.#requests.delete(entry);
      this.#changed.fire();
    });
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

function rulesOf(name: string, { url, modules }: ForwardRequest): ForwardRule[] {
  const rule = { name, url, enabled: true, wrongToken: false } as const;
  return modules.length === 0 ? [rule] : modules.map(module => ({ ...rule, module }));
}
