import { setTimeout as delay } from "node:timers/promises";
import { deliveryBody } from "../../support/manyEvents.ts";
import { Senders } from "../relay/senders.ts";

const tick = 20;

/** Numbers of the events that are sent, so that none repeats one of the history. */
let lastNumber = 5_000_000;

export interface Sent {
  readonly accepted: number;
  readonly seconds: number;
}

/** Posts deliveries to an ingest address, so many a second, evenly; counts those that were accepted. */
export async function sendSteadily(ingestUrl: string, perSecond: number, seconds: number): Promise<Sent> {
  const { port, pathname } = new URL(ingestUrl);
  const senders = await Senders.open(Number(port), 8);
  const begun = performance.now();
  const end = begun + seconds * 1_000;
  const sending: Promise<void>[] = [];
  let accepted = 0;
  try {
    for (let started = 0, now = begun; now < end; now = performance.now()) {
      for (const due = ((now - begun) / 1_000) * perSecond; started < due; started++) {
        sending.push(
          senders.post(requestFor(pathname)).then(() => {
            accepted++;
          }),
        );
      }
      await delay(tick);
    }
    await Promise.all(sending);
  } finally {
    senders.close();
  }
  return { accepted, seconds: (performance.now() - begun) / 1_000 };
}

/** Posts one body to an ingest address. */
export async function sendOne(ingestUrl: string, body: string): Promise<void> {
  const answer = await fetch(ingestUrl, { method: "POST", body, headers: { "content-type": "application/json" } });
  if (answer.status !== 200) throw new Error(`The relay answered ${answer.status}.`);
}

function requestFor(path: string): Buffer {
  const body = Buffer.from(deliveryBody(++lastNumber));
  const head = `POST ${path} HTTP/1.1\r\nHost: relay.example.com\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
