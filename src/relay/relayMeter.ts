/** What a relay counts while it works. Nothing here names a channel or an address: there may be a million of them. */
export interface RelayMeter {
  /** A request was answered. `route` is one of a few words. */
  answered(route: string, status: number): void;
  /** A sender whose event is durable got what was chosen for its channel. It counts as an answer, too. */
  answeredAsChosen(status: number): void;
  /** An event is durable; `seconds` since its last byte came in. */
  accepted(bytes: number, seconds: number): void;
  streamOpened(): void;
  streamClosed(code: number): void;
  streamRefused(status: number): void;
  /** A connection was closed as it came, because there are as many as there may be. */
  connectionDropped(): void;
}

export const silentRelayMeter: RelayMeter = {
  answered: () => undefined,
  answeredAsChosen: () => undefined,
  accepted: () => undefined,
  streamOpened: () => undefined,
  streamClosed: () => undefined,
  streamRefused: () => undefined,
  connectionDropped: () => undefined,
};
