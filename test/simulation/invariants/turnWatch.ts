import type { HttpRequest } from "../../../src/zoho/httpTransport.ts";
import type { Caller } from "../world/playedWatchApi.ts";

/** Knows which window of which machine has a write under way to which channel. */
export class TurnWatch {
  readonly #under = new Map<string, Map<string, string>>();

  /** A write leaves a window; tells where another of the machine has one under way to the same channel. */
  begin(
    { machine, window }: Caller,
    request: HttpRequest,
  ): { readonly other: string; readonly channelId: string } | undefined {
    const writers = this.#of(machine);
    const channelIds = channelsIn(request);
    const channelId = channelIds.find(id => (writers.get(id) ?? window) !== window);
    const other = channelId === undefined ? undefined : writers.get(channelId);
    for (const id of channelIds) writers.set(id, window);
    return other === undefined || channelId === undefined ? undefined : { other, channelId };
  }

  end({ machine, window }: Caller, request: HttpRequest): void {
    const writers = this.#of(machine);
    for (const id of channelsIn(request)) if (writers.get(id) === window) writers.delete(id);
  }

  #of(machine: string): Map<string, string> {
    const known = this.#under.get(machine) ?? new Map<string, string>();
    this.#under.set(machine, known);
    return known;
  }
}

function channelsIn({ url, body }: HttpRequest): readonly string[] {
  const inUrl = new URL(url).searchParams.get("channel_ids")?.split(",") ?? [];
  const inBody = [...(body ?? "").matchAll(/"channel_id":"(\d+)"/g)].flatMap(([, id]) => id ?? []);
  return [...inUrl, ...inBody];
}
