import * as vscode from "vscode";

/** Shows a notification while `task` runs, with a button that aborts its signal. */
export async function withCancellableProgress<T>(title: string, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (_, cancelled) => {
    const abort = new AbortController();
    const cancelling = cancelled.onCancellationRequested(() => abort.abort());
    try {
      return await task(abort.signal);
    } finally {
      cancelling.dispose();
    }
  });
}
