import { type OpenRelaySocket, type RelaySocket, openRelaySocket } from "./relaySocket.ts";

/** Opens a real WebSocket; `ws` is loaded with the first one, so that starting the editor is not slowed. */
export const openRelaySocketLazily: OpenRelaySocket = (request, listener) => {
  let socket: RelaySocket | undefined;
  let isTerminated = false;
  const fail = (cause: string): void => listener.ended({ kind: "failed", cause });
  const open = async (): Promise<void> => {
    const { WebSocket } = await import("ws");
    if (isTerminated) fail("terminated before it was opened");
    else socket = openRelaySocket(WebSocket, request, listener);
  };
  open().catch((error: unknown) => fail(String(error)));
  return {
    sendText: text => socket?.sendText(text),
    ping: () => socket?.ping(),
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
    terminate: () => {
      isTerminated = true;
      socket?.terminate();
    },
  };
};
