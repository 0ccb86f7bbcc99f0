export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly note: string;
}

/** Whether a lock can be taken from its holder: it ended, or it has given no sign of life for two minutes. */
export function isStaleLock(lock: {
  readonly sameMachine: boolean;
  readonly alive: boolean;
  readonly ageMs: number;
}): boolean;

/** Takes the lock when it is free or its holder is gone. Returns the function that gives it back, else undefined. */
export function tryFileLock(path: string, note?: string): (() => void) | undefined;

/** Waits until the lock is free and takes it. `onWait` is told once, with the holder, when there is a wait. */
export function acquireFileLock(
  path: string,
  options?: { readonly note?: string; readonly onWait?: (holder: LockHolder | undefined) => void },
): Promise<() => void>;

/** Who holds the lock, or undefined when it is free or being written. */
export function readLockHolder(path: string): LockHolder | undefined;
