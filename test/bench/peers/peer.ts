/** An event as a reader got it. */
export interface Delivered {
  readonly body: string;
  /** Name and value as they came; undefined where the peer does not pass headers on. */
  readonly headers: readonly (readonly [name: string, value: string])[] | undefined;
}

export interface Reader {
  close(): void;
}

/** A server that somebody might use to bring webhooks to a machine that nobody can reach, running. */
export interface RunningPeer {
  readonly port: number;
  /** Where senders post to. */
  readonly ingestPath: string;
  /** The host that senders name, where the peer goes by it; the server's own otherwise. */
  readonly ingestHost?: string;
  /** A reader that has seen nothing yet, or what comes after what this peer's readers saw last. */
  read(onEvent: (event: Delivered) => void): Promise<Reader>;
  /** Ends it at once, as a power cut does, and starts it again on the same port with the same data. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Peer {
  readonly name: string;
  /** Gives why it cannot be measured here instead, in a word or two. */
  start(): Promise<RunningPeer | string>;
}

/** Why a peer that is not here cannot be measured, with the commands that would bring it. */
export function notInstalled(...commands: readonly string[]): string {
  return `not installed here: ${commands.map(command => `\`${command}\``).join(", ")}`;
}
