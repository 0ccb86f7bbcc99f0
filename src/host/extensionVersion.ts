import * as v from "valibot";
import type * as vscode from "vscode";

const manifestSchema = v.object({ version: v.string() });

/** The version in the extension's own package.json. */
export function extensionVersion({ extension }: vscode.ExtensionContext): string {
  return v.parse(manifestSchema, extension.packageJSON).version;
}
