import { Emitter } from "../../../src/base/lifecycle.ts";

/** The part of VS Code that an authentication provider is made of. */
export class EventEmitter<T> extends Emitter<T> {}

export class CancellationError extends Error {
  override readonly name = "Canceled";
}

export const authentication = {
  registerAuthenticationProvider: () => ({ dispose: () => undefined }),
};

export const l10n = { t: (text: string): string => text };
