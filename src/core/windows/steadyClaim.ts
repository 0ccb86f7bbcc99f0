import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import type { Claim } from "./claims.ts";

/**
 * A claim whose holder goes on where the database fails meanwhile: what is under way must not be lost for it. What cannot
 * be extended counts as held, and what cannot be given back runs out by itself.
 */
export function steadyClaim(claim: Claim, logger: Logger): Claim {
  const orLog = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      logger.warn(`windows cannot take turns: ${describeCauses(error)}`);
      return otherwise;
    }
  };
  return {
    extend: milliseconds => orLog(() => claim.extend(milliseconds), true),
    dispose: () => orLog(() => claim.dispose(), undefined),
  };
}
