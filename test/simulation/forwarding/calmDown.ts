import { minute, second } from "../../../src/base/clock.ts";
import type { PlayedMachine } from "./playedMachine.ts";

/** What is still to be sent, or waits for a word. */
const open = ["queued", "sending", "waiting", "held"] as const;

/**
 * Nothing goes wrong any more, and a person has everything sent that waits for a word: then all that a rule chose has come
 * to an end. After that, one event waits, and what is about other records goes past it.
 */
export async function calmDown(machine: PlayedMachine): Promise<void> {
  machine.trace("everything is fine from now on");
  machine.isCalm = true;
  await saySending(machine);
  for (const window of machine.windows) machine.end(window, "close");
  for (const kind of [0, 1, 2]) machine.open(kind);
  await sendAll(machine);
  const [window] = machine.windows;
  machine.oracle.finish(
    id => window?.history.get(id)?.handling,
    event => machine.zoho.isGenuine(event),
  );
  await passBy(machine);
  for (const each of machine.windows) machine.end(each, "close");
}

/** What is said to be under way for longer than a window is waited for that is gone, is under way. */
async function saySending({ windows: [lasting], timeline, oracle }: PlayedMachine): Promise<void> {
  if (lasting === undefined) return;
  await timeline.runUntil(timeline.now + 36 * second);
  const sending = lasting.history.inState("sending");
  await timeline.runUntil(timeline.now + second);
  const still = new Set(lasting.history.inState("sending"));
  oracle.settled(sending.filter(id => still.has(id)));
}

async function sendAll(machine: PlayedMachine): Promise<void> {
  const { timeline } = machine;
  // What a window claimed that was killed is waited for, and what was to be tried later, be the clock set back since.
  const latest = timeline.now + 10 * minute;
  do {
    await timeline.runUntil(timeline.now + 5 * second);
    release(machine);
    await timeline.runUntil(timeline.now + 5 * second);
  } while (left(machine) > 0 && timeline.now < latest);
}

function release({ windows, oracle }: PlayedMachine): void {
  for (const { forwarding } of windows) {
    const { forwarder } = forwarding;
    forwarder.resume();
    oracle.touched(forwarder.held());
    forwarder.sendHeld();
  }
}

/** What is open, or was not looked at yet: whoever saw to its rule and was killed has it for longer where the clock was set back. */
function left({ windows: [window], oracle }: PlayedMachine): number {
  if (window === undefined) return 0;
  const { history } = window;
  return history.inState(...open).length + oracle.wanted.filter(id => history.get(id)?.handling === undefined).length;
}

/** One event of a record waits, in one of the ways that there are; one of another record is sent all the same. */
async function passBy(machine: PlayedMachine): Promise<void> {
  const { timeline, handler, oracle, randomness, zoho } = machine;
  for (const kind of [0, 1, 2]) machine.changeRules(kind, "rules as at first");
  // What a window has claimed that was killed runs out first: twice its length at most where the clock was set back since.
  await timeline.runUntil(timeline.now + 43 * second);
  // A rule that is back is stopped as it was when it went.
  for (const each of machine.windows) each.forwarding.forwarder.resume();
  const [window] = machine.windows;
  const why = randomness.weighted({ held: 1, slow: 1, busy: 1 });
  machine.trace(`one event is ${why}`);
  if (why === "held") for (const each of machine.windows) each.forwarding.forwarder.stop();
  const [waiting] = [zoho.sendEdit("901"), zoho.sendEdit("901")];
  handler.special.set(
    waiting.sequence,
    {
      held: { mood: "good" as const, patience: 1 },
      slow: { mood: "good" as const, patience: minute },
      busy: { mood: "busy" as const, patience: second },
    }[why],
  );
  window?.receive();
  if (why === "held") for (const each of machine.windows) each.forwarding.forwarder.resume();
  zoho.sendEdit("902");
  window?.receive();
  await timeline.runUntil(timeline.now + 2.5 * second);
  const [first, behind, other] = (window?.history.after(window.history.newestId() - 3, 3) ?? []).map(
    ({ handling }) => handling?.state,
  );
  if (other !== "answered" || first === "answered" || behind === "answered")
    oracle.violate("who waits stops only its own record", `${first} (${why}), ${behind} behind it, ${other} beside it`);
}
