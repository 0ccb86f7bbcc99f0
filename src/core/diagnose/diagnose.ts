import { CancelledError } from "../../base/problem.ts";
import { chain } from "./chain.ts";
import { type DiagnoseDependencies, type DiagnoseTarget, Evidence } from "./evidence.ts";
import { type CheckedLink, type Finding, type LinkId, linkIds, linkTitle, notChecked } from "./finding.ts";

/** The whole chain as it was found. */
export interface Diagnosis {
  readonly target: DiagnoseTarget;
  /** In order, one for each link. */
  readonly links: readonly CheckedLink[];
  /** Where events get stuck; undefined where nothing is broken. */
  readonly firstBroken: CheckedLink | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface DiagnoseOptions {
  readonly signal?: AbortSignal;
  /** Told which link is looked at next. */
  readonly onProgress?: (title: string) => void;
}

/**
 * Checks the chain from the sign-in to this editor, link after link. What needs a broken link is not checked; the rest
 * is, so that one run tells as much as it can. Throws CancelledError when the signal aborts.
 */
export async function diagnose(
  deps: DiagnoseDependencies,
  target: DiagnoseTarget,
  { signal = new AbortController().signal, onProgress }: DiagnoseOptions = {},
): Promise<Diagnosis> {
  const evidence = new Evidence(deps, target, signal);
  const findings = new Map<LinkId, Finding>();
  for (const id of linkIds) {
    onProgress?.(linkTitle(id));
    findings.set(id, await findingOf(id, evidence, findings));
    if (signal.aborted) throw new CancelledError();
  }
  const links = linkIds.map(id => ({ id, title: linkTitle(id), finding: findings.get(id) ?? notChecked(id) }));
  const firstBroken = links.find(({ finding }) => finding.status === "broken");
  return { target, links, firstBroken, at: deps.clock.now() };
}

async function findingOf(id: LinkId, evidence: Evidence, findings: ReadonlyMap<LinkId, Finding>): Promise<Finding> {
  const { needs, check } = chain[id];
  for (const need of needs) {
    const obstacle = obstacleOf(need, findings.get(need));
    if (obstacle !== undefined) return notChecked(obstacle);
  }
  return check(evidence);
}

/** The link that is in the way of what needs `id`: itself where it is broken, or what it waits for. */
function obstacleOf(id: LinkId, finding: Finding | undefined): LinkId | undefined {
  if (finding?.status === "broken") return id;
  return finding?.status === "not-checked" ? (finding.because ?? id) : undefined;
}
