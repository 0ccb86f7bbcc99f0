import * as v from "valibot";
import * as vscode from "vscode";

const requestSchema = v.object({ type: v.literal("request"), seq: v.number(), command: v.string() });

/**
 * A debugger that debugs nothing: its session only lives until it is stopped, so that events are forwarded meanwhile. It
 * goes into a compound beside a debugger of any language, or stands alone for a handler that runs already.
 */
export class ForwardOnlyAdapter extends vscode.Disposable implements vscode.DebugAdapter {
  readonly onDidSendMessage: vscode.Event<vscode.DebugProtocolMessage>;
  readonly #sent: vscode.EventEmitter<vscode.DebugProtocolMessage>;
  #sequence = 0;

  constructor() {
    const sent = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
    super(() => sent.dispose());
    this.#sent = sent;
    this.onDidSendMessage = sent.event;
  }

  handleMessage(message: vscode.DebugProtocolMessage): void {
    const parsed = v.safeParse(requestSchema, message);
    if (!parsed.success) return;
    const { seq, command } = parsed.output;
    this.#send({ type: "response", request_seq: seq, command, success: true, body: bodyOf(command) });
    if (command === "initialize") this.#send({ type: "event", event: "initialized" });
    if (command === "disconnect" || command === "terminate") this.#send({ type: "event", event: "terminated" });
  }

  #send(message: object): void {
    this.#sequence += 1;
    this.#sent.fire({ seq: this.#sequence, ...message });
  }
}

function bodyOf(command: string): object {
  return command === "threads" ? { threads: [] } : {};
}
