import { Agent, type ClientRequest, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Delivered, RunningPeer } from "./peer.ts";

/** What one peer came to. */
export interface TrialResult {
  readonly acceptedPerSecond: number;
  readonly deliveredPerSecond: number;
  /** Of the events that the peer had accepted before it was killed, with no reader there, those that none ever got. */
  readonly lostAtKill: number;
  readonly acceptedBeforeKill: number;
  /** Of as many as were accepted while nobody read, those that the next reader got. */
  readonly keptWhileAway: number;
  readonly acceptedWhileAway: number;
  readonly exactIntegers: boolean;
  readonly headers: "as sent" | "changed" | "none";
}

const senders = 32;
const loadTime = 4_000;
const killAfter = 1_500;
const away = 500;
const bodyBytes = 1_200;
/** What no double can hold. */
const largeInteger = "3652397000000624047";
/** Nothing has come for so long: nothing more comes. */
const quiet = 2_000;
/** A sender that has waited so long gives up: a tunnel whose client just left may never answer. */
const answerDeadline = 5_000;
const testedHeader = ["X-Letter-Case", "As-Sent"] as const;

/** Numbers that a reader got, each once, and what else is to be known of the first. */
class Received {
  readonly numbers = new Set<number>();
  first: Delivered | undefined;
  #lastAt = performance.now();

  readonly take = (event: Delivered): void => {
    this.#lastAt = performance.now();
    this.first ??= event;
    const number = /"number":(\d+)/.exec(event.body)?.[1];
    if (number !== undefined) this.numbers.add(Number(number));
  };

  async untilQuiet(): Promise<void> {
    this.#lastAt = performance.now();
    while (performance.now() - this.#lastAt < quiet) await wait(50);
  }

  /** How many of these are here. */
  count(numbers: ReadonlySet<number>): number {
    return [...numbers].filter(number => this.numbers.has(number)).length;
  }
}

/** Posts from so many connections at once, and remembers which numbers were accepted. */
class Posting {
  readonly #peer: RunningPeer;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: senders });
  #number = 0;

  constructor(peer: RunningPeer) {
    this.#peer = peer;
  }

  /** While `more` says so; gives the numbers that were accepted. What breaks is not accepted. */
  async flood(more: () => boolean): Promise<ReadonlySet<number>> {
    const accepted = new Set<number>();
    const run = async (): Promise<void> => {
      while (more()) {
        const number = ++this.#number;
        if (await this.#post(number)) accepted.add(number);
        else await wait(5);
      }
    };
    await Promise.all(Array.from({ length: senders }, run));
    return accepted;
  }

  async #post(number: number): Promise<boolean> {
    const { port, ingestPath: path, ingestHost = `127.0.0.1:${port}` } = this.#peer;
    const text = `{"number":${number},"ids":[${largeInteger}],"filler":""}`;
    const body = text.replace('"filler":""', `"filler":"${"x".repeat(bodyBytes - text.length)}"`);
    const [name, value] = testedHeader;
    const content = { "content-type": "application/json", "content-length": body.length };
    const headers = { ...content, host: ingestHost, [name]: value };
    const to = { host: "127.0.0.1", port, path, method: "POST", timeout: answerDeadline };
    return statusOf(request({ ...to, agent: this.#agent, headers }), body);
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Whether the answer says that it was accepted. */
async function statusOf(post: ClientRequest, body: string): Promise<boolean> {
  return new Promise(resolve => {
    post.on("response", response => {
      response.resume();
      const { statusCode = 0 } = response;
      response.on("end", () => resolve(statusCode >= 200 && statusCode < 300));
      response.on("error", () => resolve(false));
    });
    post.on("timeout", () => post.destroy());
    post.on("error", () => resolve(false));
    post.end(body);
  });
}

/** The same for every peer: a load, an absence of the reader, and a kill under load while the reader is away. */
export async function tryOut(peer: RunningPeer): Promise<TrialResult> {
  const posting = new Posting(peer);
  try {
    const load = await underLoad(peer, posting);
    const absence = await whileAway(peer, posting);
    return { ...load, ...absence, ...(await atKill(peer, posting)) };
  } finally {
    posting.close();
  }
}

type Load = Pick<TrialResult, "acceptedPerSecond" | "deliveredPerSecond" | "exactIntegers" | "headers">;

async function underLoad(peer: RunningPeer, posting: Posting): Promise<Load> {
  const received = new Received();
  const reader = await peer.read(received.take);
  const start = performance.now();
  const accepted = await posting.flood(() => performance.now() < start + loadTime);
  const seconds = (performance.now() - start) / 1000;
  const deliveredPerSecond = received.numbers.size / seconds;
  await received.untilQuiet();
  reader.close();
  const { body = "", headers } = received.first ?? {};
  return {
    acceptedPerSecond: accepted.size / seconds,
    deliveredPerSecond,
    exactIntegers: body.includes(largeInteger),
    headers: judgeHeaders(headers),
  };
}

function judgeHeaders(headers: Delivered["headers"]): TrialResult["headers"] {
  if (headers === undefined) return "none";
  const [name, value] = testedHeader;
  return headers.some(([each, text]) => each === name && text === value) ? "as sent" : "changed";
}

async function whileAway(
  peer: RunningPeer,
  posting: Posting,
): Promise<Pick<TrialResult, "keptWhileAway" | "acceptedWhileAway">> {
  let left = away;
  const accepted = await posting.flood(() => left-- > 0);
  const received = new Received();
  const reader = await peer.read(received.take);
  await received.untilQuiet();
  reader.close();
  return { keptWhileAway: received.count(accepted), acceptedWhileAway: accepted.size };
}

async function atKill(
  peer: RunningPeer,
  posting: Posting,
): Promise<Pick<TrialResult, "lostAtKill" | "acceptedBeforeKill">> {
  let killed = false;
  const flood = posting.flood(() => !killed);
  await wait(killAfter);
  const restarted = peer.killAndRestart();
  killed = true;
  const accepted = await flood;
  await restarted;
  const received = new Received();
  const after = await peer.read(received.take);
  await received.untilQuiet();
  after.close();
  return { lostAtKill: accepted.size - received.count(accepted), acceptedBeforeKill: accepted.size };
}
