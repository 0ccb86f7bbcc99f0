import type { Duplex } from "node:stream";

/** Has a socket that fails end, and not the process. One function listens for all: streams have their sockets for days. */
export function endOnError(socket: Duplex): void {
  socket.on("error", destroyThis);
}

function destroyThis(this: Duplex): void {
  this.destroy();
}
