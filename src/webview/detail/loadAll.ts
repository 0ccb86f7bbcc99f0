import type { Result } from "../../base/result.ts";
import type { BodySlice } from "../page/hostConnection.ts";
import type { EventBody } from "./eventBody.ts";

/** Asks for the part of the body that begins at a byte. */
export type AskBody = (from: number) => Promise<Result<BodySlice, unknown>>;

/** Loads a whole body slice by slice; false where it did not come. `isWanted` tells whether anybody still waits for it. */
export async function loadAll(
  body: EventBody,
  ask: AskBody,
  onProgress: (bytes: number) => void,
  isWanted: () => boolean,
): Promise<boolean> {
  const parts: string[] = [];
  for (let at = 0; at < body.size;) {
    const slice = await ask(at);
    if (!isWanted() || !slice.ok || slice.value.part === undefined || slice.value.next <= at) return false;
    parts.push(slice.value.part);
    at = slice.value.next;
    onProgress(at);
  }
  body.complete(parts);
  return true;
}
