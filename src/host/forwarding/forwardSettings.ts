import * as vscode from "vscode";
import { minute } from "../../base/clock.ts";
import { type Event, toDisposable } from "../../base/lifecycle.ts";
import type { Logger } from "../../base/logger.ts";
import { type ForwardRule, parseRules } from "../../core/forwarding/forwardRule.ts";
import type { ForwardSettings } from "../../core/forwarding/forwarding.ts";
import { settingIds } from "../names.ts";
import { onDidChangeSettings, settings } from "../settings.ts";

/** Rules that are in no settings, such as those of a debug session. They go before those that are. */
export interface OtherRules {
  list(): readonly ForwardRule[];
  readonly onDidChange: Event<void>;
}

/** Forwarding's settings as the user has them. Rules of no known form are left out, which is said once per change. */
export function forwardSettings(others: OtherRules, logger: Logger): ForwardSettings {
  let said = 0;
  return {
    rules: (): readonly ForwardRule[] => {
      const { rules, malformed } = parseRules(settings.forwardRules());
      if (malformed > said) sayLeftOut(malformed, logger);
      said = malformed;
      return [...others.list(), ...rules];
    },
    allowedHosts: settings.forwardAllowedHosts,
    timeout: settings.forwardTimeout,
    retries: () => ({
      tries: settings.forwardTries(),
      backoff: { first: settings.forwardRetryDelay(), longest: minute },
      after: "passing",
    }),
  };
}

function sayLeftOut(count: number, logger: Logger): void {
  logger.warn(`forward: ${count} rules of the settings have no known form or address and are left out`);
  void vscode.window.showWarningMessage(
    vscode.l10n.t(
      "Forwarding leaves out rules whose form or address is wrong: {0}. Look at “{1}” in your settings.",
      count,
      settingIds.forwardRules,
    ),
  );
}

/** Fires when the rules may be others. */
export function onDidChangeRules(others: OtherRules): Event<void> {
  return listener => {
    const both = [others.onDidChange(listener), onDidChangeSettings(settingIds.forwardRules)(listener)];
    return toDisposable(() => {
      for (const each of both) each.dispose();
    });
  };
}
