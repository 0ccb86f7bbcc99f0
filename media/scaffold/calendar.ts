import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A visit in the calendar. */
export interface Booking {
  /** Which change of which deal it was made for, so that the same change books once. */
  readonly id: string;
  readonly dealId: string;
  /** ISO 8601, an hour apart. */
  readonly start: string;
  readonly end: string;
}

/** A deal that has come to the stage of a visit. */
export interface Visit {
  readonly dealId: string;
  /** Milliseconds since 1970. */
  readonly changedAt: number;
}

const hour = 3_600_000;
/** Visits begin from ten to five, UTC, and never on a Sunday. */
const firstHour = 10;
const lastHour = 17;

/** Bookings wait for each other: two at the same time must not take the same hour. */
let last: Promise<unknown> = Promise.resolve();

/** Books the first free hour from the day after the change. The same change again finds the booking that it made. */
export async function bookSiteVisit(visit: Visit): Promise<Booking> {
  const booking = last.then(async () => book(visit));
  last = booking.catch(() => undefined);
  return booking;
}

/** All bookings, in the order in which they were made. */
export async function readCalendar(): Promise<readonly Booking[]> {
  try {
    return JSON.parse(await readFile(calendarFile(), "utf8")) as Booking[];
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function book({ dealId, changedAt }: Visit): Promise<Booking> {
  const bookings = await readCalendar();
  const id = `${dealId}@${changedAt}`;
  const before = bookings.find(booking => booking.id === id);
  if (before !== undefined) return before;
  const start = firstFreeHour(changedAt, new Set(bookings.map(booking => booking.start)));
  const booking = { id, dealId, start: toIso(start), end: toIso(start + hour) };
  await save([...bookings, booking]);
  return booking;
}

function firstFreeHour(changedAt: number, taken: ReadonlySet<string>): number {
  const nextDay = new Date(changedAt).setUTCHours(24, 0, 0, 0);
  for (let start = nextDay; ; start += hour) {
    const date = new Date(start);
    const isOpen = date.getUTCDay() !== 0 && date.getUTCHours() >= firstHour && date.getUTCHours() < lastHour;
    if (isOpen && !taken.has(toIso(start))) return start;
  }
}

function toIso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Aside and then into place, so that a crash leaves the old calendar or the new one. */
async function save(bookings: readonly Booking[]): Promise<void> {
  const file = calendarFile();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(bookings, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

function calendarFile(): string {
  return process.env["CALENDAR_FILE"] ?? join(import.meta.dirname, "data", "calendar.json");
}
