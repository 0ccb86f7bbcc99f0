import type { Clock } from "../../base/clock.ts";
import type { Disposable } from "../../base/lifecycle.ts";
import type { EventRow } from "../../protocol/inspector.ts";
import { Announcements } from "./announcements.ts";
import { element } from "./dom.ts";

/** Says to screen readers what arrives, seldom enough to be listened to. */
export class LiveRegion {
  readonly element = element("div", {
    className: "visually-hidden",
    attributes: { role: "status", "aria-live": "polite" },
  });
  readonly #announcements = new Announcements();
  readonly #clock: Clock;
  #planned: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  say(sentence: string): void {
    this.element.textContent = sentence;
  }

  arrived(count: number, newest: EventRow | undefined): void {
    this.#announcements.add(count, newest);
    const delay = this.#announcements.delay(this.#clock.now());
    if (delay === undefined) return;
    this.#planned ??= this.#clock.after(delay, () => {
      this.#planned = undefined;
      this.say(this.#announcements.take(this.#clock.now()));
    });
  }
}
