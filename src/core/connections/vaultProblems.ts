import * as l10n from "@vscode/l10n";
import { type Problem, ProblemError } from "../../base/problem.ts";

const damaged = "SECRET_DAMAGED";

/** A failure of the vault as a problem; one that says already what is wrong stays as it is. */
export function vaultError(what: "read" | "written", cause: unknown): ProblemError {
  return cause instanceof ProblemError ? cause : problem("VAULT_UNAVAILABLE", storageSentence(what), cause);
}

/** The vault did not answer in time; what was asked of it may still be done. */
export function vaultSlow(): ProblemError {
  const sentence = l10n.t(
    "The editor's secret storage doesn't answer. Check whether the system's keyring waits for you, and try again.",
  );
  return problem("VAULT_UNAVAILABLE", sentence, undefined);
}

/** The key file is there but cannot be read at the moment. */
export function keyUnavailable(cause: unknown): ProblemError {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const sentence = l10n.t(
    "The file that unlocks this extension's secrets cannot be read now ({0}), so nothing was changed. Try again in a moment.",
    reason,
  );
  return problem("VAULT_UNAVAILABLE", sentence, cause);
}

/** The key file is there but is no key. */
export function keyDamaged(file: string, bytes: number): ProblemError {
  const sentence = l10n.t(
    "The file that unlocks this extension's secrets is damaged, so nothing was changed. Restore {0} from a backup, or delete it and sign in again.",
    file,
  );
  return problem("VAULT_KEY_DAMAGED", sentence, `${file} has ${bytes} bytes`);
}

/** What is kept under `name` will never be readable. */
export function secretDamaged(name: string): ProblemError {
  const sentence = l10n.t(
    "The entry “{0}” in the editor's secret storage is damaged and cannot be read. The next change keeps it aside and begins a new one.",
    name,
  );
  return problem(damaged, sentence, undefined);
}

export function isSecretDamaged(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === damaged;
}

function problem(code: string, message: string, cause: unknown): ProblemError {
  const told: Problem = { code, message, remedy: "open-log", cause };
  return new ProblemError(told);
}

function storageSentence(what: "read" | "written"): string {
  return what === "read"
    ? l10n.t(
        "The editor's secret storage cannot be read. Check that the system's keyring is unlocked, and reload the window.",
      )
    : l10n.t(
        "The editor's secret storage cannot be written. Check that the system's keyring is unlocked, and reload the window.",
      );
}
