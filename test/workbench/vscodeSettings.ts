import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { readIfThere } from "./repository.ts";

export type Settings = Readonly<Record<string, unknown>>;

/** A window with nothing in it that the person did not ask for. */
export const quietSettings: Settings = {
  "chat.commandCenter.enabled": false,
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.openRepositoryInParentFolders": "never",
  "security.workspace.trust.enabled": false,
  "security.workspace.trust.startupPrompt": "never",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "window.commandCenter": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.settings.enableNaturalLanguageSearch": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
};

const settingsSchema = v.record(v.string(), v.unknown());

/**
 * What the person set in that window stays; what is given here wins. VS Code takes settings of the scope "machine" from
 * the second file when it runs as a server.
 */
export function writeSettings(userDataDir: string, settings: Settings): void {
  mergeSettings(join(userDataDir, "User", "settings.json"), quietSettings, settings);
  mergeSettings(join(userDataDir, "Machine", "settings.json"), {}, settings);
}

function mergeSettings(file: string, defaults: Settings, given: Settings): void {
  mkdirSync(dirname(file), { recursive: true });
  const present = v.safeParse(settingsSchema, parseOrNothing(readIfThere(file)));
  const merged = { ...defaults, ...(present.success ? present.output : {}), ...given };
  writeFileSync(file, `${JSON.stringify(merged, undefined, 2)}\n`);
}

function parseOrNothing(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return {};
  }
}
