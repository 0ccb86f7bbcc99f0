import * as vscode from "vscode";
import type { Disposable } from "../../base/lifecycle.ts";
import type { Forwarder } from "../../core/forwarding/forwarder.ts";
import type { InspectorModel } from "../../core/inspector/inspectorModel.ts";
import type { ForwardingState } from "../../protocol/inspector.ts";
import { contextKeys } from "../names.ts";

/** Tells the inspector and the menus how forwarding stands. */
export function followForwarding(
  forwarder: Pick<Forwarder, "state" | "onDidChangeState">,
  model: Pick<InspectorModel, "setForwarding">,
): Disposable {
  const show = (state: ForwardingState): void => {
    model.setForwarding(state);
    void vscode.commands.executeCommand("setContext", contextKeys.forwarding, state.kind);
  };
  show(forwarder.state);
  return forwarder.onDidChangeState(show);
}
