import type * as vscode from "vscode";
import { fixtureSuffix } from "../../core/exchange/fixtureSuffix.ts";

/** The documents that are fixtures. */
export const fixtureFiles: vscode.DocumentFilter = { language: "json", pattern: `**/*${fixtureSuffix}` };
