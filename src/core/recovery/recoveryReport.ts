import type { Problem } from "../../base/problem.ts";
import type { Operation } from "../../protocol/event.ts";
import type { MissedWindow } from "./missedChanges.ts";

/** How many changes of each kind. */
export type Counts = Readonly<Record<Operation, number>>;

/** What became of one module. */
export interface ModuleReport {
  readonly module: string;
  /** New in the history. */
  readonly recovered: Counts;
  /** Found as well, but recovered before. */
  readonly known: number;
  /** False where there were more changes than may be read at once. */
  readonly complete: boolean;
  readonly hasCondition: boolean;
  /** Why nothing could be read. */
  readonly problem?: Problem;
}

/** What became of looking for what a channel missed. */
export interface RecoveryReport {
  readonly connectionId: string;
  readonly channelId: string;
  /** The time that was looked through, by the CRM's clock. */
  readonly window: MissedWindow;
  readonly modules: readonly ModuleReport[];
  /** The first entry that is new in the history. */
  readonly firstId?: number;
}

export const noChanges: Counts = { create: 0, edit: 0, delete: 0 };

/** How many changes are new in the history. */
export function recoveredCount({ modules }: RecoveryReport): number {
  const { create, edit, delete: deleted } = recoveredCounts(modules);
  return create + edit + deleted;
}

/** How many of each kind these modules have. */
export function recoveredCounts(modules: readonly ModuleReport[]): Counts {
  return modules.reduce(
    (sum, { recovered }): Counts => ({
      create: sum.create + recovered.create,
      edit: sum.edit + recovered.edit,
      delete: sum.delete + recovered.delete,
    }),
    noChanges,
  );
}
