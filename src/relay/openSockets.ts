import type { Socket } from "node:net";
import { addressGroup } from "./clientAddress.ts";
import { Tally } from "./tally.ts";

/** Every connection of the relay, whatever has become of it: so many per client address, and none after the end. */
export class OpenSockets {
  readonly #mostPerAddress: number;
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Tally();

  /** `mostPerAddress`: 0 for no limit. */
  constructor(mostPerAddress: number) {
    this.#mostPerAddress = mostPerAddress;
  }

  /** False when the socket's address has as many as it may; the socket is closed then. */
  admit(socket: Socket): boolean {
    const address = addressGroup(socket.remoteAddress ?? "");
    if (this.#mostPerAddress > 0 && this.#perAddress.of(address) >= this.#mostPerAddress) {
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    this.#perAddress.add(address);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#perAddress.remove(address);
    });
    return true;
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
