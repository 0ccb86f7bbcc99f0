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
  {
    line: /^(?:export )?const \w+ = \d+(?: \* (?:second|minute))?;$/,
    kinds: ["number off by one"],
    reason: "How long exactly, or how many, was chosen; nothing hangs on one more.",
  },
  {
    line: /^signal\.removeEventListener\("abort"/,
    reason: "What the listener does has no effect once all is settled.",
  },
  {
    file: "bulletin.ts",
    line: /^this\.#written = \{ \.\.\.nothingWritten/,
    reason: "The look that comes next writes it.",
  },
  { file: "bulletin.ts", line: /^#seen = 0;$/, reason: "It is read from the database before it is used." },
  { file: "automaticRecovery.ts", line: /^#isAskedAgain = false;$/, reason: "Each run sets it before it reads it." },
  {
    file: "automaticRecovery.ts",
    line: /before\?\.receivedAt \?\? 0/,
    kinds: ["number off by one"],
    reason: "Where nothing was delivered before, the longest life counts, which began long after 1970.",
  },
  {
    file: "loanSightings.ts",
    line: /^await Promise\.all\(loans\.map/,
    kinds: ["await dropped"],
    reason: "Each says itself what failed, and nobody waits for all.",
  },
  {
    file: "borrowing.ts",
    line: /await this\.#settle\(loan, unrestored\(loan, now\)\);$/,
    kinds: ["await dropped"],
    reason: "The loan is over at once; only its token is forgotten later, which no other loan has.",
  },
  {
    file: "caretaker.ts",
    line: /setBack > 0 \?/,
    kinds: ["comparison swapped"],
    reason: "Set back by nothing, all times stay.",
  },
  {
    file: "editedRequest.ts",
    line: /end < 0/,
    kinds: ["comparison swapped"],
    reason: "The request line comes first and is not empty, so no empty line is the first.",
  },
  { file: "channelIdentity.ts", line: /randomBytes\(8\)/, reason: "What is random beyond eight bytes is not read." },
  { file: "channelReader.ts", line: /\?\? \{ kind: "loading" \}/, reason: "Any state but two comes to the same." },
  {
    file: "channelUpkeep.ts",
    line: /<= turnLife;$/,
    kinds: ["comparison swapped"],
    reason: "It is about minutes, and what the turn itself says counts as well.",
  },
  { file: "channelUpkeep.ts", line: /renewals\.length > 0/, reason: "Writing down no renewals writes nothing." },
  { file: "differences.ts", line: /> sameInstant;$/, kinds: ["comparison swapped"], reason: "It is about minutes." },
  {
    file: "forwarder.ts",
    line: /^#state: ForwardingState = /,
    reason: "It is told anew with the first reading of the rules, which nobody can see before.",
  },
  {
    file: "forwarder.ts",
    line: /notes\.set\(pausedNote\(key\), "1"\);$/,
    kinds: ["string emptied"],
    reason: "That it is there says it.",
  },
  {
    file: "lapse.ts",
    line: /last > now \?/,
    kinds: ["comparison swapped"],
    reason: "What ends now is not listed any more.",
  },
  { file: "reachAgain.ts", line: /^this\.#waits\.clear\(\);$/, reason: "Nobody reads it after the disposal." },
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
