import * as l10n from "@vscode/l10n";

let numbers = new Intl.NumberFormat("en");

/** Numbers are written as in this language from now on; what is no language tag changes nothing. */
export function useLanguage(tag: string): void {
  const [known] = supportedTags(tag);
  if (known !== undefined) numbers = new Intl.NumberFormat(known);
}

function supportedTags(tag: string): string[] {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag);
  } catch {
    return [];
  }
}

/** A whole number with its thousands set apart: `1,234`. */
export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** `1 event`, `1,234 events`. */
export function countEvents(count: number): string {
  return count === 1 ? l10n.t("1 event") : l10n.t("{0} events", formatNumber(count));
}

/** `1 new event`, `1,234 new events`. */
export function countNewEvents(count: number): string {
  return count === 1 ? l10n.t("1 new event") : l10n.t("{0} new events", formatNumber(count));
}

/** A size in bytes as people read it: `312 B`, `4.1 kB`, `2.0 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return l10n.t("{0} B", bytes);
  const kilobytes = bytes / 1000;
  return kilobytes < 999.95 ? l10n.t("{0} kB", kilobytes.toFixed(1)) : l10n.t("{0} MB", (kilobytes / 1000).toFixed(1));
}

/** The time of day where the machine is, `14:03:07.042`; with month and day before it when it is not the day of `now`. */
export function formatClockTime(instant: number, now: number): string {
  const date = new Date(instant);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${three(date)}`;
  const isToday = date.toDateString() === new Date(now).toDateString();
  return isToday ? clock : `${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
}

/** The instant in full with its offset from UTC: `2025-06-16 14:03:07.042 +05:30`. */
export function formatAbsoluteTime(instant: number): string {
  const date = new Date(instant);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${three(date)}`;
  return `${day} ${clock} ${formatOffset(-date.getTimezoneOffset())}`;
}

/** How long ago, in one unit: `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 days ago`. Instants in milliseconds. */
export function formatAgo(instant: number, now: number): string {
  const seconds = Math.floor((now - instant) / 1000);
  if (seconds < 1) return l10n.t("just now");
  if (seconds < 60) return l10n.t("{0} s ago", seconds);
  if (seconds < 3600) return l10n.t("{0} min ago", Math.floor(seconds / 60));
  if (seconds < 86_400) return l10n.t("{0} h ago", Math.floor(seconds / 3600));
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? l10n.t("1 day ago") : l10n.t("{0} days ago", formatNumber(days));
}

/** The same where there is little room, and it is clear that it is past: `12 s`, `5 min`, `3 h`, `2 days`. */
export function formatAge(instant: number, now: number): string {
  const seconds = Math.floor((now - instant) / 1000);
  if (seconds < 1) return l10n.t("just now");
  if (seconds < 60) return l10n.t("{0} s", seconds);
  if (seconds < 3600) return l10n.t("{0} min", Math.floor(seconds / 60));
  if (seconds < 86_400) return l10n.t("{0} h", Math.floor(seconds / 3600));
  const days = Math.floor(seconds / 86_400);
  return days === 1 ? l10n.t("1 day") : l10n.t("{0} days", formatNumber(days));
}

/** A duration in milliseconds: `42 ms`, `1.3 s`, `2 min 5 s`; negative ones keep their sign. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0) return `−${formatDuration(-milliseconds)}`;
  if (milliseconds < 1000) return l10n.t("{0} ms", Math.round(milliseconds));
  if (milliseconds < 60_000) return l10n.t("{0} s", (milliseconds / 1000).toFixed(1));
  const seconds = Math.round(milliseconds / 1000);
  return l10n.t("{0} min {1} s", Math.floor(seconds / 60), seconds % 60);
}

function formatOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "−" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function three(date: Date): string {
  return String(date.getMilliseconds()).padStart(3, "0");
}
