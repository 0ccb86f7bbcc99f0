import { MemoryBudget, type MemoryHold } from "./memoryBudget.ts";

/** Bytes that one stream may leave waiting before it gets no more; one event may go beyond. */
const mostPerStream = 1024 * 1024;
/** What the runtime keeps of each frame beside its bytes, while it waits for the system to take it. */
const frameBytes = 512;
/** Turns asked when room comes back. Each may use it up, so that more are seldom of use. */
const turnsAtOnce = 64;
/** Beats after which a peer that has taken nothing is let go: a whole interval where others wait, else four. */
const stuckBeats = { others: 2, alone: 5 };

/**
 * What waits in the sockets of all streams for their readers. Where it is as much as it may be, streams wait their turn,
 * and those whose readers take nothing are ended in their favour.
 */
export class SendRoom {
  readonly #budget: MemoryBudget;
  readonly #line = new Line();

  constructor(maxUnsentBytes: number) {
    this.#budget = new MemoryBudget(maxUnsentBytes);
  }

  /** Bytes that wait now. */
  get held(): number {
    return this.#budget.held;
  }

  /** The queue of a stream of `channel` to `address`; `goOn` is called when there may be room again. */
  open(channel: string, address: string, goOn: () => void): SendQueue {
    return new SendQueue(this.#budget.hold(`channel ${channel}`, `address ${address}`), this.#line, goOn);
  }
}

/** The streams that only others keep from sending, each by what has it go on. */
class Line {
  readonly #waiting = new Set<() => void>();

  get someWait(): boolean {
    return this.#waiting.size > 0;
  }

  wait(goOn: () => void): void {
    this.#waiting.add(goOn);
  }

  leave(goOn: () => void): void {
    this.#waiting.delete(goOn);
  }

  roomCame(): void {
    if (!this.someWait) return;
    for (const goOn of [...this.#waiting].slice(0, turnsAtOnce)) {
      this.#waiting.delete(goOn);
      goOn();
    }
  }
}

/** What waits in the socket of one stream. */
export class SendQueue {
  readonly #hold: MemoryHold;
  readonly #line: Line;
  readonly #goOn: () => void;
  #bytes = 0;
  #beats = 0;
  #closed = false;

  constructor(hold: MemoryHold, line: Line, goOn: () => void) {
    this.#hold = hold;
    this.#line = line;
    this.#goOn = goOn;
  }

  /** Whether more may be sent. Where only others are in the way, the stream is in the line from now on. */
  hasRoom(): boolean {
    if (this.#closed || this.#bytes >= mostPerStream) return false;
    if (this.#hold.hasRoom()) return true;
    this.#line.wait(this.#goOn);
    return false;
  }

  /** Counts `frames` of so many bytes together; what comes back is to be called once the system has taken them. */
  add(bytes: number, frames: number): () => void {
    const cost = bytes + frames * frameBytes;
    this.#bytes += cost;
    const giveBack = this.reserve(cost);
    return () => {
      this.#bytes -= cost;
      this.#beats = 0;
      giveBack();
    };
  }

  /** Counts what is about to be sent, so that not all streams take the same room; what comes back gives it back. */
  reserve(bytes: number): () => void {
    // What was read for a stream that has ended meanwhile goes nowhere.
    if (this.#closed) return () => undefined;
    this.#hold.add(bytes);
    return () => {
      if (this.#closed) return;
      this.#hold.remove(bytes);
      this.#line.roomCame();
    };
  }

  /** To be called once per heartbeat interval. True when the reader has taken nothing of what waits for too long. */
  beat(): boolean {
    this.#beats = this.#bytes === 0 ? 0 : this.#beats + 1;
    return this.#beats >= (this.#line.someWait ? stuckBeats.others : stuckBeats.alone);
  }

  /** Gives back everything, with the stream. */
  close(): void {
    this.#closed = true;
    this.#line.leave(this.#goOn);
    this.#hold.release();
    this.#line.roomCame();
  }
}
