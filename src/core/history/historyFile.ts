import * as l10n from "@vscode/l10n";
import { writeFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { type Clock, second } from "../../base/clock.ts";
import { type Disposable, DisposableStore, Emitter } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type Problem, describeCauses } from "../../base/problem.ts";
import { isDamaged } from "../windows/privateDatabase.ts";
import { CurrentDatabase } from "./currentDatabase.ts";
import type { joinHistory } from "./joinHistory.ts";
import { type OpenedDatabase, busyTimeout, openDatabase, openInMemory, suspectOf } from "./openDatabase.ts";

/** Takes what is in memory into the file, once that can be used: {@link joinHistory}, which few windows ever need. */
export type LoadJoin = () => Promise<typeof joinHistory>;

/** How long after a failure to open the file it is tried again. */
const retryAfter = 5 * second;

export interface HistoryFileOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loadJoin?: LoadJoin | undefined;
}

/**
 * The file of the history. While it cannot be used, the history is in the memory of this window; that is tried again
 * until the file can be used, and takes in what the memory has.
 */
export class HistoryFile implements Disposable {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #owned = new DisposableStore();
  readonly #joined = this.#owned.add(new Emitter<void>());
  readonly #failed = this.#owned.add(new Emitter<Problem>());
  readonly #current: CurrentDatabase;
  /** The database in memory, as long as there is no file. */
  #memory: DatabaseSync | undefined;
  #isToldDamaged = false;

  /** The file is in use now, and has what was in memory: all ids are void. */
  readonly onDidJoin = this.#joined.event;

  /** What the person should know that came up after the history was opened. */
  readonly onDidFail = this.#failed.event;

  /** What the person should know about how the history was opened. */
  readonly notice: Problem | undefined;

  /** Without `loadJoin` what is in memory stays there. */
  constructor(file: string, { clock, logger, loadJoin }: HistoryFileOptions) {
    this.#file = file;
    this.#clock = clock;
    this.#logger = logger;
    const { database, notice } = openDatabase(file, clock.now());
    if (notice !== undefined) logger.warn(`${notice.code} at ${file}: ${describeCauses(notice.cause)}`);
    this.notice = notice;
    this.#current = new CurrentDatabase(database ?? (this.#memory = openInMemory()), error => this.#look(error));
    if (this.#memory !== undefined && loadJoin !== undefined) this.#retryLater(loadJoin);
  }

  get database(): CurrentDatabase {
    return this.#current;
  }

  dispose(): void {
    this.#owned.dispose();
    this.#current.close();
  }

  #retryLater(loadJoin: LoadJoin): void {
    const timer = this.#clock.after(retryAfter, () => {
      this.#owned.delete(timer);
      void this.#retry(loadJoin);
    });
    this.#owned.add(timer);
  }

  async #retry(loadJoin: LoadJoin): Promise<void> {
    const join = await loadJoin().catch((error: unknown) => {
      this.#logger.warn(`The event history stays in memory: ${describeCauses(error)}`);
      return undefined;
    });
    if (this.#owned.isDisposed || (join !== undefined && this.#isJoined(join))) return;
    this.#retryLater(loadJoin);
  }

  /** Without waiting for anybody: this runs in the middle of somebody's work. */
  #isJoined(join: typeof joinHistory): boolean {
    if (this.#memory === undefined || isSending(this.#memory)) return false;
    const opened = openDatabase(this.#file, this.#clock.now(), 0);
    return opened.database !== undefined && this.#takeOver(this.#memory, join, opened, opened.database);
  }

  #takeOver(
    memory: DatabaseSync,
    join: typeof joinHistory,
    { notice }: OpenedDatabase,
    database: DatabaseSync,
  ): boolean {
    try {
      join(memory, database);
      database.exec(`PRAGMA busy_timeout = ${busyTimeout}`);
    } catch (error) {
      database.close();
      this.#logger.info(`What this window has of events is still in memory only: ${describeCauses(error)}`);
      return false;
    }
    this.#memory = undefined;
    this.#current.replace(database);
    this.#logger.info(`The event history is open at ${this.#file}, with what was in memory.`);
    if (notice !== undefined) this.#failed.fire(notice);
    this.#joined.fire();
    return true;
  }

  /** Damage that shows only now is told once, and looked for when the file is opened next. */
  #look(error: unknown): void {
    if (!isDamaged(error) || this.#isToldDamaged) return;
    this.#isToldDamaged = true;
    this.#logger.warn(`The event history at ${this.#file} is damaged: ${describeCauses(error)}`);
    this.#mark();
    this.#failed.fire({
      code: "HISTORY_DAMAGED",
      message: l10n.t(
        "The file of the event history is damaged, so some events cannot be shown or stored. Reload the window: the damaged file is then kept aside, and a new history begins.",
      ),
      remedy: "open-log",
      cause: error,
    });
  }

  #mark(): void {
    try {
      writeFileSync(suspectOf(this.#file), "");
    } catch (error) {
      this.#logger.warn(`The damage could not be noted: ${describeCauses(error)}`);
    }
  }
}

/** Whether something is on its way to a handler, so that its answer is still to be written where it is. */
function isSending(memory: DatabaseSync): boolean {
  const sql = "SELECT 1 FROM forward_job WHERE standing = 'sending' OR by_hand = 1 LIMIT 1";
  return memory.prepare(sql).get() !== undefined;
}
