import type { Logger } from "../../../../src/base/logger.ts";

/** Keeps what is logged, for tests of what must and must not be in a log. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = [];
  readonly debug = (message: string): void => this.#keep(message);
  readonly info = (message: string): void => this.#keep(message);
  readonly warn = (message: string): void => this.#keep(message);
  readonly error = (message: string): void => this.#keep(message);

  #keep(message: string): void {
    this.lines.push(message);
  }
}
