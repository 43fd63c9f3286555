// The engine that keeps rooms on disk. The appends that come during a commit are the next commit: one
// write and one flush for all of them. Nothing of a commit is delivered, receipted or read before it
// is on disk. A commit that fails gives its positions back, and all appends that wait are refused.

import { isNativeError } from 'node:util/types';
import type { Cancel, Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { AppendQueue, type Waiting } from '../append-queue.ts';
import {
  type AppendOptions,
  type AppendOutcome,
  appendRefused,
  type Deliver,
  type Ends,
  type Engine,
  type EngineHost,
  type EngineState,
  type Entry,
  type Facts,
  type HistoryPage,
  type HistoryQuery,
  type Position,
  type Standing,
} from '../engine.ts';
import { FactTable } from '../facts.ts';
import { termName } from '../terms.ts';
import { CommitGroup, type GroupLimits } from './commit-group.ts';
import { DiskWatch } from './disk-watch.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { publicationOf } from './record.ts';
import { RoomStore } from './room-store.ts';
import { StreamTable } from './stream-table.ts';
import { Sweep } from './sweep.ts';

export interface EmbeddedEngineOptions {
  readonly clock: Clock;
  /** True if a destination has positions and a history. */
  readonly keeps: (destination: string) => boolean;
  /** The folder of its files, which belongs to one process at a time. */
  readonly folder: string;
  readonly limits: GroupLimits & {
    /** The most streams without messages whose positions are remembered on disk. */
    readonly dormantStreamsMax: number;
    /** The time for which writing may fail before the store gives up. */
    readonly storeRetryMs: number;
  };
  readonly log: Log;
}

/** The parts that exist between start and stop. */
interface Opened {
  readonly facts: FactTable;
  readonly lock: FolderLock;
  readonly store: RoomStore;
  /** `null`: the age of messages is not limited. */
  readonly sweep: Sweep | null;
  readonly table: StreamTable;
  readonly watch: DiskWatch;
}

/** The part of `storeBytesMax` by which messages may exceed it before appends wait. */
const EXCESS = 1 / 64;
/** The pause before facts that could not be written are tried again. */
const RETRY_MS = 5_000;

export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedEngineOptions;
  /** Facts that were set since the last commit began. */
  #changedFacts = new Map<string, string | null>();
  #cancelRetry: Cancel | null = null;
  #deliver: Deliver | null = null;
  /** True: the last commit failed. */
  #hasFailed = false;
  #host: EngineHost | null = null;
  #isCommitting = false;
  #isStopped = false;
  #idle: (() => void) | null = null;
  #opened: Opened | null = null;
  #published = 0;
  readonly #queue = new AppendQueue();
  #stopped: Promise<void> | null = null;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
  }

  get epoch(): string {
    return this.#files.store.terms.epoch;
  }

  get facts(): Facts {
    return this.#files.facts;
  }

  get bytes(): number {
    return this.#queue.bytes + (this.#opened?.store.bytes ?? 0);
  }

  get pending(): number {
    return this.#queue.entries;
  }

  get pendingBytes(): number {
    return this.#queue.bytes;
  }

  get state(): EngineState {
    if (this.#isStopped) return 'stopped';
    const { hasGivenUp = false, isFailing = false } = this.#opened?.store ?? {};
    if (hasGivenUp) return 'given-up';
    // While the write-ahead log has room, commits continue although the file cannot be written.
    return this.#hasFailed && isFailing ? 'failing' : 'accepting';
  }

  /** Rejects with FolderTakenError, or with an Error that describes the problem with the files. */
  async start(deliver: Deliver, host?: EngineHost): Promise<void> {
    this.#deliver = deliver;
    this.#host = host ?? null;
    const { clock, folder, limits, log } = this.#options;
    const lock = await lockFolder(folder).catch((error: unknown) => {
      throw unusable(folder, error);
    });
    try {
      const { dormantStreamsMax: dormantMax, storeRetryMs: retryMs } = limits;
      const options = { clock, dormantMax, lock, log, retryMs };
      this.#opened = await this.#open(lock, await RoomStore.open(folder, options));
    } catch (error) {
      await lock.release();
      throw unusable(folder, error);
    }
    // The limits may have been lowered since the last start.
    if (this.#isOverDisk) this.#commitSoon();
  }

  append(entries: readonly Entry[], options?: AppendOptions): Promise<AppendOutcome> {
    if (this.#isStopped) return Promise.resolve(appendRefused('STORE_STOPPED'));
    return new Promise((settle) => {
      const facts = this.#files.facts.hold(options?.facts);
      this.#queue.add(entries, settle, options?.source, facts);
      this.#commitSoon();
    });
  }

  /** Every publication is made in this process, so nothing has to be done to hear of it. */
  follow(destination: string): Ends | null {
    return this.ends(destination);
  }

  unfollow(_destination: string): void {}

  ends(destination: string): Ends | null {
    if (!this.#options.keeps(destination)) return null;
    const { head, oldest } = this.#files.table.find(destination);
    return { head, oldest };
  }

  history({ destination, direction, from, ...bounds }: HistoryQuery): Promise<HistoryPage> {
    const { store, table } = this.#files;
    const stream = table.find(destination);
    const { head, id, oldest } = stream;
    const start = from === 'newest' ? head : from === 'oldest' ? oldest : from;
    // A start outside of the kept positions means the nearest end.
    const range =
      direction === 'forward'
        ? { from: Math.max(start, oldest), end: head + 1, ...bounds }
        : { from: Math.min(start, head), end: oldest - 1, ...bounds };
    const isEmpty = direction === 'forward' ? range.from >= range.end : range.from <= range.end;
    const messages = isEmpty ? [] : store.read(id, range);
    const publications = messages.map((message) => publicationOf(stream, message.offset, message));
    return Promise.resolve({ publications, oldest, head });
  }

  resolve(destination: string, { epoch, offset }: Position): Standing {
    const { store, table } = this.#files;
    const { head, id, terms } = table.find(destination);
    if (offset > head + 1 || !store.terms.isSame(epoch, offset, terms)) return 'foreign';
    return offset <= store.lostIn(id) ? 'damaged' : 'known';
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#opened?.sweep?.stop();
    this.#opened?.watch.stop();
    if (this.#isCommitting) await this.#becomesIdle();
    // A commit that failed leaves facts to write; the disk may have room again.
    if (this.#changedFacts.size > 0) {
      this.#commitSoon();
      await this.#becomesIdle();
    }
    await this.#opened?.store.close();
    await this.#opened?.lock.release();
  }

  async #open(lock: FolderLock, store: RoomStore): Promise<Opened> {
    const { clock, folder, limits, log } = this.#options;
    const { historySeconds, storeBytesMax } = limits;
    const table = new StreamTable(store);
    const found = () => this.#commitSoon();
    const facts = new FactTable(store.facts(), (name, value) => {
      this.#changedFacts.set(name, value);
      this.#commitSoon();
    });
    const sweep =
      historySeconds > 0 ? new Sweep({ clock, found, historySeconds, store, table }) : null;
    const usedBytes = () => table.bytes;
    const watch = await DiskWatch.start({ clock, folder, log, storeBytesMax, usedBytes });
    return { facts, lock, store, sweep, table, watch };
  }

  get #isOverDisk(): boolean {
    const { bytes, busySize } = this.#files.table;
    return bytes > this.#options.limits.storeBytesMax && busySize > 0;
  }

  get #files(): Opened {
    if (this.#opened === null) throw new Error('the engine was not started');
    return this.#opened;
  }

  #becomesIdle(): Promise<void> {
    return new Promise((resolve) => (this.#idle = resolve));
  }

  /** Commits at the end of the turn, when all sockets with input have been read. */
  #commitSoon(): void {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    setImmediate(() => void this.#commitAll());
  }

  async #commitAll(): Promise<void> {
    while (this.#hasWork) {
      if (await this.#commit(this.#nextGroup())) {
        await untilSocketsWereRead();
        continue;
      }
      // Facts that were set are tried again later; all appends were refused.
      this.#retryLater();
      break;
    }
    this.#isCommitting = false;
    // A sender that was refused may have appended again at once.
    if (!this.#queue.isEmpty) this.#commitSoon();
    else this.#idle?.();
  }

  get #hasWork(): boolean {
    if (!this.#queue.isEmpty || this.#changedFacts.size > 0) return true;
    return !this.#isStopped && (this.#isOverDisk || this.#opened?.sweep?.isEmpty === false);
  }

  /** Takes no appends while the disk is so full that the oldest messages must be removed first. */
  #nextGroup(): Waiting[] {
    const { storeBytesMax } = this.#options.limits;
    const isFarOver = this.#isOverDisk && this.#files.table.bytes > storeBytesMax * (1 + EXCESS);
    return isFarOver && !this.#isStopped ? [] : this.#queue.takeGroup();
  }

  /** Starts one timer, however many commits fail meanwhile. */
  #retryLater(): void {
    if (this.#isStopped) return;
    this.#cancelRetry ??= this.#options.clock.after(RETRY_MS, () => {
      this.#cancelRetry = null;
      this.#commitSoon();
    });
  }

  /** Commits lists; false: the commit failed. */
  async #commit(lists: readonly Waiting[]): Promise<boolean> {
    const { clock, limits } = this.#options;
    const { store, sweep, table } = this.#files;
    const facts = this.#changedFacts;
    this.#changedFacts = new Map();
    const group = new CommitGroup({
      isKept: (entry) => this.#isKept(entry),
      limits,
      nextId: () => this.#nextId(),
      now: clock.now(),
      store,
      table,
    });
    try {
      for (const list of lists) group.add(list);
      for (const stream of sweep?.take() ?? []) group.touch(stream);
      const changes = group.changes(facts);
      const isChange = changes.streams.length + changes.facts.size > 0;
      if (isChange) await store.commit(changes);
      if (isChange) this.#hasFailed = false;
      const batch = group.succeeded();
      this.#queue.settled(lists);
      const delivering = batch.length > 0 ? this.#deliver?.(batch) : undefined;
      if (delivering !== undefined) await delivering;
      group.settle();
      this.#host?.settled();
      return true;
    } catch (error) {
      group.failed();
      // The next commit writes these facts, unless they were set again.
      this.#changedFacts = new Map([...facts, ...this.#changedFacts]);
      this.#failed(error, [...lists, ...this.#queue.takeAll()]);
      return false;
    }
  }

  #failed(error: unknown, lists: readonly Waiting[]): void {
    // Logged as an error once, and not for each message that is refused meanwhile.
    const level = this.#hasFailed ? 'debug' : 'error';
    this.#options.log[level]({ err: error }, 'a commit failed: what waited for it is refused');
    this.#hasFailed = true;
    this.#queue.settled(lists);
    for (const { facts, settle } of lists) {
      facts?.drop();
      settle(appendRefused('STORE_FAILED'));
    }
    this.#host?.settled();
  }

  #isKept({ destination, isEphemeral }: Entry): boolean {
    return isEphemeral !== true && this.#options.keeps(destination);
  }

  #nextId(): string {
    this.#published += 1;
    return `${termName(this.#files.store.terms.present)}-${this.#published}`;
  }
}

/**
 * A delivery may take long, and the answers to it must not miss the next commit; otherwise clients that
 * wait for each other's messages split into two halves that alternate. The first hop ends the present
 * turn, which has polled the sockets already; the second ends a turn that polls them again.
 */
function untilSocketsWereRead(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** An error without the code of the file system, which could be taken for that of a port. */
function unusable(folder: string, error: unknown): unknown {
  if (!isNativeError(error) || !('code' in error)) return error;
  return new Error(`${folder} cannot be used: ${error.message}`, { cause: error });
}
