import { second } from "../../../src/base/clock.ts";
import { NoticeBoard } from "./noticeBoard.ts";
import type { MachineDatabase } from "./playedDatabase.ts";
import { PlayedVault } from "./playedVault.ts";
import { SimulatedWindow } from "./simulatedWindow.ts";
import type { LocalFault } from "./weather.ts";
import type { MachineTime } from "./windowClock.ts";
import type { World } from "./world.ts";
import { connectionId, connectionOf } from "./connectionOf.ts";

/** A machine with its clock, its disk and its secrets, on which windows open and close. */
export class Machine implements MachineTime {
  readonly name: string;
  readonly world: World;
  readonly vault: PlayedVault;
  readonly database: MachineDatabase;
  readonly board: NoticeBoard;
  /** Where its channels send to. */
  readonly address: string;
  readonly #mostWindows: number;
  #windows: readonly SimulatedWindow[] = [];
  #opened = 0;
  #ahead: number;
  #slept = 0;
  #awakeAt = 0;
  #offlineUntil = 0;
  #signedInAt = 0;
  #vaultSilentUntil = 0;
  #trouble: { readonly fault: LocalFault; readonly until: number; readonly likelihood: number } | undefined;
  /** When its database last failed, its clock last jumped: true time. What windows agree on does not hold for a while then. */
  lastDisagreement = -Infinity;

  constructor(world: World, name: string, database: MachineDatabase, mostWindows: number) {
    this.world = world;
    this.name = name;
    this.database = database;
    this.#mostWindows = mostWindows;
    this.address = `https://relay.example.com/in/${name}`;
    this.#ahead = Math.round(world.randomness.between(-90 * second, 90 * second));
    this.vault = new PlayedVault(this, this);
    this.board = new NoticeBoard(this);
  }

  get timeline(): World["timeline"] {
    return this.world.timeline;
  }

  now(): number {
    return this.timeline.now + this.#ahead;
  }

  get slept(): number {
    return this.#slept;
  }

  get isAsleep(): boolean {
    return this.timeline.now < this.#awakeAt;
  }

  /** How long it still sleeps: milliseconds. */
  get awakeIn(): number {
    return Math.max(this.#awakeAt - this.timeline.now, 0);
  }

  get isOffline(): boolean {
    return this.timeline.now < this.#offlineUntil;
  }

  /** Those that are open. */
  get windows(): readonly SimulatedWindow[] {
    return this.#windows.filter(({ isOver }) => !isOver);
  }

  get hasLoans(): boolean {
    return (
      this.database.prepare("SELECT key FROM note WHERE key >= 'borrow/' AND key < 'borrow0' LIMIT 1").get() !==
      undefined
    );
  }

  /** The channels that are borrowed, as the windows' notes have it. */
  get loans(): readonly string[] {
    const rows = this.database
      .prepare("SELECT key FROM note WHERE key >= 'borrow/' AND key < 'borrow0' ORDER BY key")
      .all();
    return rows.map(row => String(row["key"]).slice("borrow/".length + connectionId.length + 1));
  }

  hasLoan(channelId: string): boolean {
    const key = `borrow/${connectionId}/${channelId}`;
    return this.database.prepare("SELECT key FROM note WHERE key = ?").get(key) !== undefined;
  }

  /** True where a window could do all that it has to. */
  get isWell(): boolean {
    const { now } = this.timeline;
    return this.wellSince <= now && this.isSignedIn;
  }

  /** Since when nothing was in the way of what the windows have to do: true time. */
  get wellSince(): number {
    const opened = this.windows.filter(({ connections }) => connections.isLoaded).map(({ openedAt }) => openedAt);
    const { badUntil } = this.world.weather;
    const known = [
      this.#awakeAt,
      this.#offlineUntil,
      this.#vaultSilentUntil,
      this.#trouble?.until ?? 0,
      this.lastDisagreement,
      badUntil,
      this.#signedInAt,
    ];
    return Math.max(Math.min(...opened, Infinity), ...known);
  }

  get isSignedIn(): boolean {
    return (this.vault.entries.get("zohoCrm.connections") ?? "[]").includes(connectionId);
  }

  /** Opens a window, unless there are as many as there may be. */
  open(): SimulatedWindow | undefined {
    if (this.windows.length >= this.#mostWindows) return undefined;
    const window = new SimulatedWindow(this, `${this.name}${++this.#opened}`);
    this.#windows = [...this.windows, window];
    this.world.trace(`${window.name} opens`);
    void window.start();
    return window;
  }

  async signIn(window: SimulatedWindow): Promise<void> {
    this.#signedInAt = this.timeline.now;
    await window.connections.add(connectionOf(this.world.server.accounts.signIn()));
  }

  sleep(duration: number): void {
    this.#slept += duration;
    this.#awakeAt = this.timeline.now + duration;
    this.#jump(duration);
  }

  setClock(by: number): void {
    this.#ahead += by;
    this.#jump(by);
  }

  loseNetwork(duration: number): void {
    this.noteTrouble(duration);
    this.#offlineUntil = this.timeline.now + duration;
  }

  break(fault: LocalFault, duration: number, likelihood: number): void {
    this.noteTrouble(duration);
    this.#trouble = { fault, until: this.timeline.now + duration, likelihood };
  }

  /** Its vault answers nobody for a while. */
  silenceVault(duration: number): void {
    this.world.trace(`${this.name}'s vault does not answer for ${Math.round(duration / second)} s`);
    this.world.weather.count("vault did not answer");
    this.noteTrouble(duration);
    this.#vaultSilentUntil = Math.max(this.#vaultSilentUntil, this.timeline.now + duration);
    this.vault.hang(duration);
  }

  /** Something happened that is worth some calls. */
  noteEvent(): void {
    this.world.oracle.budget.note(this.name, this.timeline.now);
  }

  noteTrouble(lasting: number): void {
    this.world.oracle.budget.noteTrouble(this.name, this.timeline.now, lasting);
  }

  /** Everything works from now on. */
  heal(): void {
    this.#trouble = undefined;
    this.#offlineUntil = 0;
    this.#vaultSilentUntil = 0;
    this.vault.answer();
  }

  strikes(fault: LocalFault): boolean {
    const trouble = this.#trouble;
    if (trouble?.fault !== fault || trouble.until < this.timeline.now) return false;
    if (!this.world.randomness.chance(trouble.likelihood)) return false;
    this.world.weather.count(fault);
    if (fault === "database locked" || fault === "disk full") this.lastDisagreement = this.timeline.now;
    return true;
  }

  misses(): boolean {
    const { weather, rarity } = this.world;
    if (weather.isOver || !rarity.chance(0.05)) return false;
    weather.count("change of the vault could not be read");
    return true;
  }

  vaultLatency(): number {
    return this.world.randomness.between(1, 30);
  }

  #jump(by: number): void {
    this.lastDisagreement = this.timeline.now;
    for (const window of this.windows) window.didJump(by);
    // Also when it wakes.
    this.timeline.after(0, () => (this.lastDisagreement = this.timeline.now), this);
  }
}
