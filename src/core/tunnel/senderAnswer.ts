import { type Disposable, DisposableStore, Emitter, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { CancelledError, type Problem, ProblemError, describeCauses } from "../../base/problem.ts";
import type { Result } from "../../base/result.ts";
import type { ChosenAnswer } from "../../protocol/chosenAnswer.ts";
import { readChannelAnswer, setChannelAnswer } from "../relay/channelAnswer.ts";
import type { RelayChannel } from "../relay/relayChannel.ts";
import type { RelayState } from "../relay/relaySession.ts";
import type { Tunnel } from "./tunnel.ts";

interface Known {
  readonly channel: string;
  readonly answer: ChosenAnswer | undefined;
}

type AnsweredTunnel = Pick<Tunnel, "channel" | "state" | "onDidChangeState" | "waitForAddress">;

/**
 * What those who post to this editor's address are answered. The relay has it; here it is asked for when the stream goes
 * live, so that it can be shown beside the address, and each time that somebody wants to change it.
 */
export class SenderAnswer implements Disposable {
  readonly #tunnel: AnsweredTunnel;
  readonly #logger: Logger;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new Emitter<undefined>());
  readonly #over = new AbortController();
  #state: RelayState["kind"] = "off";
  #known: Known | undefined;
  /** The question that was asked last: what comes back of an earlier one is old. */
  #asked = 0;

  readonly onDidChange = this.#changed.event;

  constructor(tunnel: AnsweredTunnel, logger: Logger) {
    this.#tunnel = tunnel;
    this.#logger = logger;
    this.#store.add(toDisposable(() => this.#over.abort()));
    this.#store.add(tunnel.onDidChangeState(state => this.#follow(state)));
    this.#follow(tunnel.state);
  }

  /** What was chosen for the channel, as far as this window knows; undefined: the relay's own answer, or not known. */
  get known(): ChosenAnswer | undefined {
    return this.#known !== undefined && this.#known.channel === this.#tunnel.channel?.channel
      ? this.#known.answer
      : undefined;
  }

  /** Asks the relay; undefined: its own answer. */
  async read(): Promise<Result<ChosenAnswer | undefined, Problem>> {
    return this.#ask(async channel => readChannelAnswer(channel, this.#over.signal));
  }

  /** Has the relay give this answer from now on; undefined: its own. */
  async choose(answer: ChosenAnswer | undefined): Promise<Result<ChosenAnswer | undefined, Problem>> {
    return this.#ask(async channel => setChannelAnswer(channel, answer, this.#over.signal));
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #ask(
    ask: (channel: RelayChannel) => Promise<Result<ChosenAnswer | undefined, Problem>>,
  ): Promise<Result<ChosenAnswer | undefined, Problem>> {
    const address = await this.#tunnel.waitForAddress(this.#over.signal);
    if (!address.ok) return address;
    const { channel } = this.#tunnel;
    // The person has begun anew in the meantime: there is nothing to ask about.
    if (channel === undefined) throw new CancelledError();
    const question = (this.#asked += 1);
    const answered = await ask(channel);
    if (answered.ok && question === this.#asked) this.#learn({ channel: channel.channel, answer: answered.value });
    return answered;
  }

  #learn(known: Known): void {
    this.#known = known;
    this.#changed.fire(undefined);
  }

  #follow({ kind }: RelayState): void {
    const wentLive = kind === "live" && this.#state !== "live";
    this.#state = kind;
    if (wentLive) void this.#readQuietly();
  }

  /** Nobody has asked: where the relay is too old, or busy, nothing is shown. */
  async #readQuietly(): Promise<void> {
    try {
      const answered = await this.read();
      if (!answered.ok) throw new ProblemError(answered.error);
    } catch (error) {
      if (!(error instanceof CancelledError)) this.#logger.info(`relay: ${describeCauses(error)}`);
    }
  }
}
