import type { OpenRelaySocket, RelaySocket } from "./relaySocket.ts";

/** Opens a real WebSocket; what that takes is loaded with the first one, so that starting the editor is not slowed. */
export const openRelaySocketLazily: OpenRelaySocket = (request, listener) => {
  let socket: RelaySocket | undefined;
  let isTerminated = false;
  const fail = (cause: string): void => listener.ended({ kind: "failed", cause });
  const open = async (): Promise<void> => {
    const { openRelaySocket } = await import("./relaySocket.ts");
    if (isTerminated) fail("terminated before it was opened");
    else socket = openRelaySocket(request, listener);
  };
  open().catch((error: unknown) => fail(String(error)));
  return {
    sendText: text => socket?.sendText(text),
    ping: () => socket?.ping(),
    terminate: () => {
      isTerminated = true;
      socket?.terminate();
    },
  };
};
