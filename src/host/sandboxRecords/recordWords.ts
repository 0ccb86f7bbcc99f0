import * as vscode from "vscode";
import type { FieldValue } from "../../core/sandbox/recordFields.ts";
import type { SandboxRecord } from "../../core/sandbox/sandboxRecords.ts";

/** A record as a row of a list: its name, and the end of its id to tell those of one name apart. */
export function recordChoice({ id, name }: SandboxRecord): vscode.QuickPickItem {
  return { label: name, description: `…${id.slice(-6)}` };
}

/** A value as a person reads it; undefined where there is none. */
export function valueWords(value: unknown): string | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  if (typeof value === "boolean") return value ? vscode.l10n.t("Yes") : vscode.l10n.t("No");
  if (Array.isArray(value)) return value.map(String).join(", ");
  if (typeof value === "object") return nameOfReference(value);
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function nameOfReference(value: object): string {
  if ("name" in value && typeof value.name === "string") return value.name;
  return "id" in value && typeof value.id === "string" ? `…${value.id.slice(-6)}` : "";
}

export type Values = Readonly<Record<string, FieldValue>>;
