import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { systemClock } from "../base/clock.ts";
import type { Disposable } from "../base/lifecycle.ts";
import { DataDirectoryInUseError } from "./eventLog.ts";
import { eventsToAwait } from "./eventsToAwait.ts";
import type {
  StoreAnswers,
  StoreRead,
  StoreReply,
  StoreRequest,
  StoreThreadData,
  StoreWrite,
} from "./sqliteMessages.ts";
import type { StoreAppend, StoreRetention } from "./sqliteStore.ts";
import { storeThreadProgram } from "./sqliteStoreProgram.ts";
import { type AppendOutcome, StoreWork } from "./sqliteStoreWork.ts";

/**
 * Room for young objects: what one transaction leaves behind is dead with the next. By itself Node takes up to 100 MB for
 * them, which it keeps, and is no faster for it.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 12 };
/** How long a transaction waits at most for those whom the last one has answered. Milliseconds. */
const longestWait = 1;

/** Hears of all appends, those of one channel in the order of their sequences. */
export type AppendListener<Append> = (appends: readonly Append[], outcome: AppendOutcome) => void;

/**
 * The store on a thread of its own. What is asked for while the thread is at work gathers, and is one transaction when
 * its turn comes: the busier the relay, the more events share a commit.
 */
export class SqliteStoreThread<Append extends StoreAppend> {
  /** Resolves with the cause when the thread has ended though nobody closed it. */
  readonly failed: Promise<unknown>;
  readonly #worker: Worker;
  readonly #newWork: () => StoreWork<Append>;
  #gathering: StoreWork<Append>;
  #underWay: StoreWork<Append> | undefined;
  #scheduled = false;
  /** How many events the next transaction waits for, and until when. */
  #awaited = 0;
  #wait: Disposable | undefined;
  #onIdle: (() => void) | undefined;
  #ended: { readonly cause: unknown } | undefined;
  #closing = false;

  private constructor(worker: Worker, onAppended: AppendListener<Append>) {
    this.#worker = worker;
    this.#newWork = () => new StoreWork(onAppended);
    this.#gathering = this.#newWork();
    worker.on("message", (reply: StoreReply) => this.#onReply(reply));
    this.failed = new Promise(resolve => {
      const end = (cause: unknown): void => {
        this.#end(cause);
        if (!this.#closing) resolve(cause);
      };
      worker.on("error", end).on("exit", () => end(new Error("The thread of the log has ended")));
    });
  }

  /** Opens the database in `directory`; rejects with DataDirectoryInUseError when another process has it. */
  static async open<Append extends StoreAppend>(
    directory: string,
    retention: StoreRetention,
    onAppended: AppendListener<Append>,
  ): Promise<SqliteStoreThread<Append>> {
    const workerData: StoreThreadData = { role: "sqlite-store", directory, retention };
    const worker = new Worker(storeThreadProgram, { workerData, resourceLimits, name: "sqlite-store" });
    const [reply] = (await once(worker, "message")) as [StoreReply];
    if (reply.kind !== "not-opened") return new SqliteStoreThread(worker, onAppended);
    await worker.terminate();
    throw reply.inUse ? new DataDirectoryInUseError(directory, reply.cause) : reply.cause;
  }

  append(append: Append): void {
    this.#gathering.append(append);
    this.#startWhenDue();
  }

  /** Resolves when what was to be written is on disk. */
  async write<K extends StoreWrite["kind"]>(call: StoreWrite & { readonly kind: K }): Promise<StoreAnswers[K]> {
    const answer = this.#gathering.write<K>(call);
    this.#startWhenDue();
    return answer;
  }

  /** Sees everything that was written before. */
  async read<K extends StoreRead["kind"]>(call: StoreRead & { readonly kind: K }): Promise<StoreAnswers[K]> {
    const answer = this.#gathering.read<K>(call);
    this.#startWhenDue();
    return answer;
  }

  /** Settles what was asked for, and lets go of the database. */
  async close(): Promise<void> {
    if (this.#hasEnded()) return;
    if (this.#underWay !== undefined || !this.#gathering.isEmpty) {
      await new Promise<void>(resolve => (this.#onIdle = resolve));
    }
    // While it waited, the thread may have ended.
    if (this.#hasEnded()) return;
    this.#closing = true;
    const exited = once(this.#worker, "exit");
    this.#post({ kind: "close" });
    await exited;
  }

  #startWhenDue(): void {
    if (this.#underWay === undefined && this.#gathering.events >= this.#awaited) this.#startSoon();
  }

  /** Once the sockets that are ready now were read: the more share a commit, the less each costs. */
  #startSoon(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#underWay === undefined) this.#start();
    });
  }

  #start(): void {
    this.#stopWaiting();
    const work = this.#gathering;
    this.#gathering = this.#newWork();
    if (this.#ended !== undefined) refuse(work, this.#ended.cause);
    else if (work.isEmpty) this.#onIdle?.();
    else {
      this.#underWay = work;
      const { request, transfer } = work.toRequest();
      this.#post(request, transfer);
    }
  }

  #post(request: StoreRequest, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  #onReply(reply: StoreReply): void {
    const work = this.#underWay;
    // The next one first: the disk is at work while the answers go out.
    if (reply.kind === "read" || work?.hasReads !== true) this.#startNext();
    if (reply.kind === "written") work?.settleWrites(reply);
    else if (reply.kind === "not-written") work?.refuseWrites(reply.cause);
    else if (reply.kind === "read") work?.settleReads(reply.answers);
  }

  #startNext(): void {
    const answered = this.#underWay?.events ?? 0;
    this.#underWay = undefined;
    this.#awaited = eventsToAwait(answered, this.#gathering.events);
    if (this.#gathering.events < this.#awaited) this.#wait = systemClock.after(longestWait, () => this.#start());
    else if (this.#gathering.isEmpty) this.#startSoon();
    else this.#start();
  }

  #stopWaiting(): void {
    this.#awaited = 0;
    this.#wait?.dispose();
    this.#wait = undefined;
  }

  #hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** What is under way or asked for from now on is refused. */
  #end(cause: unknown): void {
    this.#ended ??= { cause };
    if (this.#underWay !== undefined) refuse(this.#underWay, cause);
    this.#underWay = undefined;
    this.#start();
    this.#onIdle?.();
  }
}

function refuse<Append extends StoreAppend>(work: StoreWork<Append>, cause: unknown): void {
  work.refuseWrites(cause);
  work.refuseReads(cause);
}
