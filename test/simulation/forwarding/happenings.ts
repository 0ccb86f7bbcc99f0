import { second } from "../../../src/base/clock.ts";
import { isDatabaseFault } from "./databaseFaults.ts";
import type { PlayedMachine } from "./playedMachine.ts";
import { ruleChanges } from "./playedRules.ts";
import type { PlayedWindow } from "./playedWindow.ts";

/** How often each thing happens, among all. */
const likelihoods = {
  deliver: 14,
  open: 2,
  kill: 1,
  close: 1,
  loseRelay: 0.7,
  sleep: 0.5,
  setClock: 0.5,
  breakDisk: 1,
  changeRules: 1.2,
  learnToken: 0.5,
  stop: 1,
  resume: 2,
  send: 2,
  discard: 0.5,
  replay: 1,
  callOff: 0.5,
  delete: 0.5,
};
type Happening = keyof typeof likelihoods;

/** Something happens to the machine, or a person does something. */
export async function happen(machine: PlayedMachine): Promise<void> {
  const window = machine.randomness.pick(machine.windows) ?? machine.open();
  const what = machine.randomness.weighted(likelihoods);
  machine.trace(`${what} (${window.name})`);
  try {
    await happenings[what](machine, window);
  } catch (error) {
    // What a person asks for may find the database locked: they see that, and ask again.
    if (!isDatabaseFault(error)) throw error;
  }
}

const happenings: Readonly<Record<Happening, (machine: PlayedMachine, window: PlayedWindow) => void | Promise<void>>> =
  {
    deliver: machine => {
      for (let count = machine.randomness.integer(1, 4); count > 0; count--) machine.zoho.send();
      // Every window that has the relay gets them; one is the first.
      const live = machine.windows.filter(({ isLive }) => isLive);
      machine.randomness.pick(live)?.receive();
    },
    open: machine => {
      if (machine.windows.length < 3) machine.open();
    },
    kill: (machine, window) => {
      machine.count("window killed");
      machine.end(window, "kill");
    },
    close: (machine, window) => {
      machine.count("window closed");
      machine.end(window, "close");
    },
    loseRelay: (machine, window) => {
      machine.count("relay lost");
      window.disconnect();
      const lasting = machine.randomness.duration(second, 90 * second);
      machine.timeline.after(lasting, () => window.isOver || window.connect(), machine);
    },
    sleep: async machine => {
      machine.count("machine slept");
      const duration = machine.randomness.duration(5 * second, 180 * second);
      if (machine.randomness.chance(0.7)) machine.zoho.send();
      await machine.sleep(duration);
    },
    setClock: machine => {
      machine.count("clock set");
      machine.setClock(machine.randomness.integer(-90, 90) * second);
    },
    breakDisk: machine => {
      const fault = machine.randomness.chance(0.5) ? "database locked" : "disk full";
      machine.break(fault, machine.randomness.duration(second, 20 * second));
    },
    changeRules: machine => {
      const change = machine.randomness.pick(ruleChanges) ?? "rules as at first";
      machine.changeRules(machine.randomness.integer(0, 2), change);
    },
    learnToken: machine => machine.learnToken(machine.randomness.weighted({ 2: 1, 3: 1 })),
    stop: (machine, { forwarding }) => {
      machine.count("forwarding stopped");
      forwarding.forwarder.stop();
    },
    resume: (_machine, { forwarding }) => forwarding.forwarder.resume(),
    send: ({ oracle }, { forwarding: { forwarder } }) => {
      oracle.touched(forwarder.held());
      forwarder.sendHeld();
    },
    discard: ({ oracle }, { forwarding: { forwarder } }) => {
      oracle.touched(forwarder.held());
      forwarder.discardHeld();
    },
    replay: (machine, window) => {
      const ids = some(machine, window, 2);
      machine.oracle.touched(ids);
      for (const id of ids)
        if (window.history.get(id)?.handling?.state === "withheld") machine.count("withheld sent by a person");
      const chosen = ids.flatMap(id => window.forwarding.eventOf(id) ?? []);
      const replays = chosen.map(event => ({ event, target: "http://localhost:9" }));
      window.forwarding.replays.replay(replays).catch(() => undefined);
    },
    callOff: (machine, window) => {
      const ids = some(machine, window, 2);
      machine.oracle.touched(ids);
      window.forwarding.stop(ids);
    },
    delete: (machine, window) => {
      const ids = some(machine, window, 1);
      machine.oracle.touched(ids, true);
      window.history.delete(ids);
    },
  };

function some(machine: PlayedMachine, { history }: PlayedWindow, count: number): readonly number[] {
  const newest = history.newestId();
  const ids = Array.from({ length: count }, () => newest - machine.randomness.integer(0, 10));
  return [...new Set(ids)].filter(id => history.get(id) !== undefined).toSorted((one, other) => one - other);
}
