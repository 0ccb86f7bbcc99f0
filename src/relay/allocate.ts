import type { Allocate } from "../base/bytes.ts";

/** Room from Node's pool where it is small: memory of its own for every event costs more than what is done with it. */
export const allocate: Allocate = length => Buffer.allocUnsafe(length);
