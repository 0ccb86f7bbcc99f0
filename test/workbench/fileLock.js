// A lock between processes, as a file. Plain JavaScript: the bootstrap needs it before anything is installed.
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const heartbeatMs = 5_000;
const silentMs = 120_000;
const pollMs = 250;

/** Whether a lock can be taken from its holder: it ended, or it has given no sign of life for two minutes. */
export function isStaleLock({ sameMachine, alive, ageMs }) {
  return ageMs > silentMs || (sameMachine && !alive);
}

/** Takes the lock when it is free or its holder is gone. Returns the function that gives it back, else undefined. */
export function tryFileLock(path, note = "") {
  mkdirSync(dirname(path), { recursive: true });
  removeIfStale(path);
  const text = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID(), note });
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    if (error.code === "EEXIST" || error.code === "EPERM") return undefined;
    throw error;
  }
  return keep(path, text);
}

/** Waits until the lock is free and takes it. `onWait` is told once, with the holder, when there is a wait. */
export async function acquireFileLock(path, { note = "", onWait = () => undefined } = {}) {
  for (let told = false; ; told = true) {
    const release = tryFileLock(path, note);
    if (release !== undefined) return release;
    if (!told) onWait(readLockHolder(path));
    await wait(pollMs);
  }
}

/** Who holds the lock: `{pid, host, note}`, or undefined when it is free or being written. */
export function readLockHolder(path) {
  const { pid, host, note } = parseLock(readText(path)) ?? {};
  return pid === undefined ? undefined : { pid, host, note };
}

function keep(path, text) {
  const heartbeat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      clearInterval(heartbeat);
    }
  }, heartbeatMs);
  heartbeat.unref();
  const release = () => {
    clearInterval(heartbeat);
    process.removeListener("exit", release);
    if (readText(path) === text) rmSync(path, { force: true });
  };
  process.once("exit", release);
  return release;
}

function removeIfStale(path) {
  const text = readText(path);
  if (text === undefined || !isStaleLock(lookAt(path, text))) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    // Another process may have replaced the stale lock by its own since it was read: then that one goes back.
    if (readText(aside) === text) rmSync(aside, { force: true });
    else renameSync(aside, path);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
}

function lookAt(path, text) {
  const holder = parseLock(text);
  return {
    sameMachine: holder?.host === hostname(),
    alive: holder === undefined || isAlive(holder.pid),
    ageMs: Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()),
  };
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function parseLock(text) {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
