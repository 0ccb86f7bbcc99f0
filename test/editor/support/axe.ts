import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Frame } from "playwright-core";
import * as v from "valibot";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const resultsSchema = v.object({
  violations: v.array(
    v.object({
      id: v.string(),
      impact: v.nullish(v.string()),
      help: v.string(),
      nodes: v.array(v.object({ html: v.string(), failureSummary: v.nullish(v.string()) })),
    }),
  ),
  passes: v.array(v.object({ id: v.string() })),
});

/** What axe-core finds in a page as it is shown now. */
export interface AxeFindings {
  /** Serious and critical findings, a text for each place: rule, help, element. */
  readonly serious: readonly string[];
  /** Ids of the rules that applied, and were met everywhere. */
  readonly passed: readonly string[];
}

/** Looks at the page with axe-core, whose source runs there without being part of it, whatever its policy says. */
export async function findWithAxe(frame: Frame): Promise<AxeFindings> {
  await frame.evaluate(`typeof axe === "undefined" && (() => { ${source} })()`);
  // The page is see-through: what is behind it is the panel, in another frame, where axe cannot look.
  await frame.evaluate("document.documentElement.style.setProperty('background', 'var(--vscode-panel-background)')");
  const raw: unknown = await frame.evaluate(
    "axe.run(document, { resultTypes: ['violations', 'passes'] }).then(({ violations, passes }) => ({ violations, passes }))",
  );
  const { violations, passes } = v.parse(resultsSchema, raw);
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return {
    serious: serious.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html.slice(0, 300)}\n  ${failureSummary ?? ""}`),
    ),
    passed: passes.map(({ id }) => id),
  };
}
