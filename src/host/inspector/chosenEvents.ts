import * as vscode from "vscode";
import * as v from "valibot";
import { ProblemError } from "../../base/problem.ts";

const argumentSchema = v.object({ eventIds: v.array(v.pipe(v.number(), v.safeInteger())) });

/** The events that a command was called for, as the inspector's page passes them; undefined when it came from elsewhere. */
export function eventIdsIn(argument: unknown): readonly number[] | undefined {
  const parsed = v.safeParse(argumentSchema, argument);
  return parsed.success ? parsed.output.eventIds : undefined;
}

/**
 * The events that a command is about: those that it was called for, else those that are chosen in the inspector. Throws
 * a problem where there are none.
 */
export function eventIdsOf(
  args: readonly unknown[],
  model: { readonly selectedIds: readonly number[] },
): readonly number[] {
  const ids = eventIdsIn(args[0]) ?? model.selectedIds;
  if (ids.length > 0) return ids;
  const message = vscode.l10n.t("Choose an event in the inspector first.");
  throw new ProblemError({ code: "NO_EVENT_CHOSEN", message, remedy: "none" });
}
