import { type Disposable, DisposableStore, Emitter } from "../../base/lifecycle.ts";
import type { Problem } from "../../base/problem.ts";
import { type Result, succeed } from "../../base/result.ts";
import type { LocalServer } from "../local/localServer.ts";

export interface LocalSandboxDependencies {
  /** A sandbox that somebody runs, without trailing slash; undefined: start or join this machine's own. */
  readonly configuredUrl: () => string | undefined;
  /** Makes the handle on this machine's own sandbox; nothing is started before its `acquire`. */
  readonly server: () => LocalServer;
}

/** The stand-in for Zoho CRM that this editor uses: started when first asked for, held until disposed. */
export class LocalSandbox implements Disposable {
  readonly #deps: LocalSandboxDependencies;
  readonly #store = new DisposableStore();
  readonly #lost = this.#store.add(new Emitter<Problem>());
  #running: Promise<Result<{ readonly url: string }, Problem>> | undefined;

  /** The sandbox that was started here ended by itself; the next {@link url} starts it again. */
  readonly onDidLose = this.#lost.event;

  constructor(deps: LocalSandboxDependencies) {
    this.#deps = deps;
  }

  /** The sandbox's address, after starting it where that is ours to do. */
  async url(): Promise<Result<string, Problem>> {
    const configured = this.#deps.configuredUrl();
    if (configured !== undefined) return succeed(configured);
    this.#running ??= this.#start();
    const result = await this.#running;
    if (!result.ok) this.#running = undefined;
    return result.ok ? succeed(result.value.url) : result;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #start(): Promise<Result<{ readonly url: string }, Problem>> {
    const server = this.#store.add(this.#deps.server());
    this.#store.add(
      server.onDidLose(problem => {
        this.#store.delete(server);
        this.#running = undefined;
        this.#lost.fire(problem);
      }),
    );
    const result = await server.acquire();
    if (!result.ok) this.#store.delete(server);
    return result;
  }
}
