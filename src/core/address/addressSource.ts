import type { Disposable } from "../../base/lifecycle.ts";
import type { Problem } from "../../base/problem.ts";
import { toolIds } from "./tunnelTool.ts";

/** The ways to a public address that this extension can open by itself. `forwarded-port`: the editor's own forwarding. */
export const addressWays = [...toolIds, "forwarded-port"] as const;
export type AddressWay = (typeof addressWays)[number];

/** What a source tells while it is open. */
export interface AddressListener {
  /** The outside reaches us under this address now; again when it changes. Without trailing slash. */
  address(url: string): void;
  /** There is no address, or no longer; comes once, and nothing after it. */
  ended(problem: Problem): void;
}

/** Leads a public address to a port of this machine for as long as it is open; disposing closes it. */
export interface AddressSource {
  open(target: string, listener: AddressListener): Disposable;
}
