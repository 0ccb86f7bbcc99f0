import type * as vscode from "vscode";
import type { SecretVault } from "../core/connections/connection.ts";

/** VS Code's secret storage as the product's vault. */
export function secretVault(secrets: vscode.SecretStorage): SecretVault {
  return {
    get: async key => secrets.get(key),
    store: async (key, value) => secrets.store(key, value),
    delete: async key => secrets.delete(key),
    onDidChange: listener => secrets.onDidChange(change => listener(change.key)),
  };
}
