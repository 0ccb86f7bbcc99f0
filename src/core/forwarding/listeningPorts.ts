import { type Socket, connect } from "node:net";

/** Where development servers listen by default, the most usual first. */
export const usualPorts = [3000, 8080, 8000, 5000, 4000, 5173, 3001, 8787, 7071, 9000] as const;

/** Whether something listens there. */
export type Probe = (port: number) => Promise<boolean>;

/** Long enough for this machine to answer, short enough for a person not to wait. */
const patience = 300;

/** Whether a connection comes about that is on its way, which is let go at once. */
export async function connects(socket: Socket): Promise<boolean> {
  return new Promise(resolve => {
    const settle = (listens: boolean): void => {
      socket.destroy();
      resolve(listens);
    };
    socket.once("connect", () => settle(true));
    socket.once("timeout", () => settle(false));
    socket.once("error", () => settle(false));
  });
}

/** Looks on this machine. */
const probeLoopback: Probe = async port =>
  connects(connect({ port, host: "localhost", autoSelectFamily: true, timeout: patience }));

/** Those of the usual ports where something listens, in their order. */
export async function listeningPorts(probe: Probe = probeLoopback): Promise<readonly number[]> {
  const listens = await Promise.all(usualPorts.map(probe));
  return usualPorts.filter((_, index) => listens[index]);
}
