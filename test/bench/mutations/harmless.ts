import type { Mutation, MutationKind } from "./mutation.ts";

/** A change that no behaviour depends on. */
interface HarmlessChange {
  /** Of which file; undefined: of any. */
  readonly file?: string;
  /** What the line in question says. */
  readonly line: RegExp;
  /** undefined: any. */
  readonly kinds?: readonly MutationKind[];
  readonly reason: string;
}

/** Survivors that were read and are no fault: they are reported apart. */
const harmlessChanges: readonly HarmlessChange[] = [
  { line: /logger\.(?:debug|info|warn|error)\(/, reason: "What the log says is for people." },
];

/** Why a change of this line is harmless; undefined where it is not known to be. */
export function harmlessBecause({ file, kind }: Mutation, line: string): string | undefined {
  return harmlessChanges.find(
    each =>
      (each.file === undefined || file.endsWith(`/${each.file}`)) &&
      each.line.test(line) &&
      (each.kinds?.includes(kind) ?? true),
  )?.reason;
}
