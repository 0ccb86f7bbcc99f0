import * as v from "valibot";
import * as vscode from "vscode";
import { ProblemError } from "../../base/problem.ts";

const argumentSchema = v.object({ eventIds: v.pipe(v.array(v.pipe(v.number(), v.integer())), v.minLength(1)) });

/**
 * The events that a command is about: those that it was called with (from the page, its context menu, or another
 * extension), else those that are chosen in the inspector. Throws a problem where there are none.
 */
export function eventIdsOf(
  args: readonly unknown[],
  model: { readonly selectedIds: readonly number[] },
): readonly number[] {
  const given = v.safeParse(argumentSchema, args[0]);
  const ids = given.success ? given.output.eventIds : model.selectedIds;
  if (ids.length === 0) throw new ProblemError(nothingChosen());
  return ids;
}

function nothingChosen(): ConstructorParameters<typeof ProblemError>[0] {
  const message = vscode.l10n.t("Choose an event in the inspector first.");
  return { code: "NO_EVENT_CHOSEN", message, remedy: "none" };
}
