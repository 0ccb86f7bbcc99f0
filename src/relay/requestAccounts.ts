import type { IncomingMessage } from "node:http";
import { addressGroup, clientAddress } from "./clientAddress.ts";
import { MemoryBudget, type MemoryHold } from "./memoryBudget.ts";

export interface RequestAccountOptions {
  /** Bytes that requests may hold at once, from their head until they are answered. */
  readonly maxUnstoredBytes: number;
  /** How many proxies in front of the relay add to X-Forwarded-For. */
  readonly trustProxy: number;
}

/** What the runtime keeps of a request beside its text: request, response, and what waits for them. */
const requestBytes = 4 * 1024;
/** The same for each header: two strings, and their places in lists. */
const headerBytes = 96;

/** What requests under way hold in memory: heads, bodies, and the events made of them until these are on disk. */
export class RequestAccounts {
  readonly #budget: MemoryBudget;
  readonly #proxies: number;

  constructor({ maxUnstoredBytes, trustProxy }: RequestAccountOptions) {
    this.#budget = new MemoryBudget(maxUnstoredBytes);
    this.#proxies = trustProxy;
  }

  /** Bytes held now. */
  get held(): number {
    return this.#budget.held;
  }

  /** Begins with the head of `request`. Whoever opens an account releases it once the request is answered. */
  open(request: IncomingMessage, channel?: string): MemoryHold {
    const address = `address ${addressGroup(clientAddress(request, this.#proxies))}`;
    const owners = channel === undefined ? [address] : [address, `channel ${channel}`];
    const account = this.#budget.hold(...owners);
    account.add(headSize(request));
    return account;
  }
}

function headSize({ url = "", rawHeaders }: IncomingMessage): number {
  const text = rawHeaders.reduce((sum, part) => sum + part.length, url.length);
  return requestBytes + (headerBytes * rawHeaders.length) / 2 + text;
}
