import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { addressGroup, clientAddress, seenAddress } from "./clientAddress.ts";
import type { Header } from "../protocol/capturedRequest.ts";
import type { PlainRequest } from "./plainRequest.ts";
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
    const { url = "", rawHeaders } = request;
    const text = rawHeaders.reduce((sum, part) => sum + part.length, url.length);
    return this.#open(clientAddress(request, this.#proxies), channel, rawHeaders.length / 2, text);
  }

  /** The same for a request that came whole on `socket`. */
  openPlain({ target, headers }: PlainRequest, socket: Socket): MemoryHold {
    const text = headers.reduce((sum, [name, value]) => sum + name.length + value.length, target.path.length);
    const forwarded = this.#proxies === 0 ? "" : joined(headers, "x-forwarded-for");
    const address = seenAddress(socket.remoteAddress ?? "", forwarded, this.#proxies);
    return this.#open(address, target.channel, headers.length, text + target.query.length);
  }

  #open(address: string, channel: string | undefined, headers: number, text: number): MemoryHold {
    const owner = `address ${addressGroup(address)}`;
    const account = channel === undefined ? this.#budget.hold(owner) : this.#budget.hold(owner, `channel ${channel}`);
    account.add(requestBytes + headerBytes * headers + text);
    return account;
  }
}

/** The values of all headers of this name, in lower case, as one. */
function joined(headers: readonly Header[], name: string): string {
  return headers.flatMap(([each, value]) => (each.toLowerCase() === name ? [value] : [])).join(",");
}
