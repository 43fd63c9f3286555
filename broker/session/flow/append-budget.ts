import type { Engine } from '../../engine/engine.ts';

/** Limits on messages that wait for their commit: of one client, and of all. */
export interface AppendLimits {
  readonly clientAppendBytesMax: number;
  readonly clientAppendsMax: number;
  readonly pendingAppendBytes: number;
  readonly pendingAppendsMax: number;
}

/** A session that waits for room. */
export interface Relieved {
  relieved(): void;
}

/** The fraction of a client's limit below which its sessions are read again. */
const RELIEF = 1 / 2;

/**
 * The messages that the sessions of one client, a user or an address, have waiting for their
 * commit. The share exists until its last session has ended and all its messages are settled, so a
 * reconnect does not reset it.
 */
export class AppendShare {
  readonly #limits: AppendLimits;
  readonly #onUnused: () => void;
  readonly #waiting = new Set<Relieved>();
  #bytes = 0;
  #count = 0;
  #sessions = 0;

  /** @param onUnused runs once no session and no waiting message refers to the share */
  constructor(limits: AppendLimits, onUnused: () => void) {
    this.#limits = limits;
    this.#onUnused = onUnused;
  }

  get isUsedUp(): boolean {
    return this.#exceeds(1);
  }

  join(): void {
    this.#sessions += 1;
  }

  leave(): void {
    this.#sessions -= 1;
    this.#checkUse();
  }

  add(count: number, bytes: number): void {
    this.#count += count;
    this.#bytes += bytes;
  }

  remove(count: number, bytes: number): void {
    this.#count -= count;
    this.#bytes -= bytes;
    this.#checkUse();
    if (this.#waiting.size === 0 || this.#exceeds(RELIEF)) return;
    relieveAll(this.#waiting);
  }

  /** Calls `relieved` once when there is room again, however often this was called. */
  whenFree(one: Relieved): void {
    this.#waiting.add(one);
  }

  forget(one: Relieved): void {
    this.#waiting.delete(one);
  }

  #exceeds(part: number): boolean {
    const { clientAppendBytesMax, clientAppendsMax } = this.#limits;
    return this.#count >= clientAppendsMax * part || this.#bytes >= clientAppendBytesMax * part;
  }

  #checkUse(): void {
    if (this.#sessions === 0 && this.#count === 0) this.#onUnused();
  }
}

/**
 * Limits the messages that wait for the engine, per client and in total. A session that finds the
 * budget used up is not read until it is relieved.
 */
export class AppendBudget {
  readonly #engine: Pick<Engine, 'pending' | 'pendingBytes'>;
  readonly #limits: AppendLimits;
  readonly #shares = new Map<string, AppendShare>();
  readonly #waiting = new Set<Relieved>();

  constructor(engine: Pick<Engine, 'pending' | 'pendingBytes'>, limits: AppendLimits) {
    this.#engine = engine;
    this.#limits = limits;
  }

  /** The number of clients with a session, or with messages that wait. */
  get clientCount(): number {
    return this.#shares.size;
  }

  get isUsedUp(): boolean {
    const { pendingAppendBytes, pendingAppendsMax } = this.#limits;
    const { pending, pendingBytes } = this.#engine;
    return pending >= pendingAppendsMax || pendingBytes >= pendingAppendBytes;
  }

  /** Returns the share of a client to one more of its sessions, which calls `leave` at its end. */
  join(client: string): AppendShare {
    let share = this.#shares.get(client);
    if (share === undefined) {
      share = new AppendShare(this.#limits, () => this.#shares.delete(client));
      this.#shares.set(client, share);
    }
    share.join();
    return share;
  }

  /**
   * True if the client's share and this budget let a session be read now. If not, it is
   * relieved once when there is room again, however often it asked.
   *
   * @param share `null`: the session has none, as it is not connected yet
   */
  mayRead(session: Relieved, share: AppendShare | null): boolean {
    if (share?.isUsedUp === true) share.whenFree(session);
    else if (this.isUsedUp) this.#waiting.add(session);
    else return true;
    return false;
  }

  forget(one: Relieved): void {
    this.#waiting.delete(one);
  }

  /** Some messages were settled: relieves the sessions that wait, if there is room for them. */
  freed(): void {
    if (this.#waiting.size === 0 || this.isUsedUp) return;
    relieveAll(this.#waiting);
  }
}

/** A session that finds no room asks again, and then stands behind those that asked before. */
function relieveAll(waiting: Set<Relieved>): void {
  const all = [...waiting];
  waiting.clear();
  for (const one of all) one.relieved();
}
