import type * as vscode from "vscode";
import type { Logger } from "../../base/logger.ts";
import { describeCauses } from "../../base/problem.ts";
import { DataPlaces } from "../../core/uninstall/dataPlaces.ts";

/** Leaves word for the uninstaller where the data is. Installations that nobody may write to are cleaned up by hand. */
export function noteDataPlace(extension: vscode.ExtensionContext, logger: Logger): void {
  try {
    new DataPlaces(extension.extensionUri.fsPath).add(extension.globalStorageUri.fsPath);
  } catch (error) {
    logger.info(`uninstalling will not remove the data: ${describeCauses(error)}`);
  }
}
