import * as v from "valibot";
import * as vscode from "vscode";
import { type Disposable, type Event, toDisposable } from "../base/lifecycle.ts";
import { hour, second } from "../base/clock.ts";
import { type AddressWay, addressWays } from "../core/address/addressSource.ts";
import { type RenewalMode, renewalModes } from "../core/renewal/renewalStatus.ts";
import { type SettingId, settingIds } from "./names.ts";

/** The user's settings as of now; one of the wrong type counts as not set. Durations in milliseconds. */
export const settings = {
  /** Without trailing slash; undefined: use the embedded relay. */
  relayUrl: (): string | undefined => readAddress(settingIds.relayUrl),
  relayPublicUrl: (): string | undefined => readAddress(settingIds.relayPublicUrl),
  /** How a public address is opened with the editor; undefined: not at all. */
  relayTunnel: (): AddressWay | undefined => {
    const way = read(settingIds.relayTunnel, v.picklist(["none", ...addressWays]));
    return way === "none" ? undefined : way;
  },
  /** Undefined: start a sandbox when one is needed. */
  sandboxUrl: (): string | undefined => readAddress(settingIds.sandboxUrl),
  expiry: (): number => read(settingIds.expiryHours, v.number()) * hour,
  expiringSoon: (): number => read(settingIds.expiringSoonHours, v.number()) * hour,
  renewalMode: (): RenewalMode => read(settingIds.renewalMode, v.picklist(renewalModes)),
  confirmProductionWrites: (): boolean => read(settingIds.confirmProductionWrites, v.boolean()),
  compareSortKeys: (): boolean => read(settingIds.compareSortKeys, v.boolean()),
  maxEvents: (): number => read(settingIds.maxEvents, v.number()),
  /** As it stands; the core reads it. */
  forwardRules: (): unknown => vscode.workspace.getConfiguration().get(settingIds.forwardRules),
  forwardAllowedHosts: (): readonly string[] => read(settingIds.forwardAllowedHosts, v.array(v.string())),
  forwardTimeout: (): number => read(settingIds.forwardTimeout, v.number()) * second,
  forwardTries: (): number => read(settingIds.forwardTries, v.number()),
  forwardRetryDelay: (): number => read(settingIds.forwardRetryDelay, v.number()) * second,
  redirectPort: (): number => read(settingIds.redirectPort, v.number()),
  trySandboxOnStartup: (): boolean => read(settingIds.trySandboxOnStartup, v.boolean()),
};

/** Writes a setting of the machine's, for all its windows. */
export async function writeMachineSetting(id: SettingId, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration().update(id, value, vscode.ConfigurationTarget.Global);
}

/** Fires when any of `ids` changed. */
export function onDidChangeSettings(...ids: SettingId[]): Event<void> {
  return listener =>
    vscode.workspace.onDidChangeConfiguration(change => {
      if (ids.some(id => change.affectsConfiguration(id))) listener();
    });
}

/**
 * Has settings remembered until one changes: VS Code takes a millisecond to give one, and a tree of a thousand rows asks
 * several for each. To be called before anything listens to {@link onDidChangeSettings}, so that nobody is told of a change
 * and then reads what was.
 */
export function rememberSettings(): Disposable {
  remembered = new Map();
  const listener = vscode.workspace.onDidChangeConfiguration(() => remembered?.clear());
  return toDisposable(() => {
    listener.dispose();
    remembered = undefined;
  });
}

let remembered: Map<SettingId, unknown> | undefined;

/** Each setting is read with one schema, so what is remembered has the type that it had. */
function read<T>(id: SettingId, schema: v.GenericSchema<unknown, T>): T {
  if (remembered?.has(id) === true) return remembered.get(id) as T;
  const value = readAnew(id, schema);
  remembered?.set(id, value);
  return value;
}

/** Defaults and bounds are package.json's; VS Code shows a value outside of them, but passes it on. */
function readAnew<T>(id: SettingId, schema: v.GenericSchema<unknown, T>): T {
  const configuration = vscode.workspace.getConfiguration();
  const parsed = v.safeParse(schema, configuration.get(id));
  return parsed.success ? parsed.output : v.parse(schema, configuration.inspect(id)?.defaultValue);
}

function readAddress(id: SettingId): string | undefined {
  const address = read(id, v.string()).trim().replace(/\/+$/, "");
  return address === "" ? undefined : address;
}
