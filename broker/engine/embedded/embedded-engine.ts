// Rooms on disk. What was appended while a commit ran goes into the next one, whole: one write and
// one fsync for all of it. Until then nothing of it is delivered, receipted or read; a commit that
// fails gives its positions back, and refuses everything that had come by then.

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
  /** Whether a destination has positions and a history. */
  readonly keeps: (destination: string) => boolean;
  /** Where its files are; one process at a time has it. */
  readonly folder: string;
  readonly limits: GroupLimits & {
    /** Streams without messages whose positions are remembered on disk. */
    readonly dormantStreamsMax: number;
    /** How long writing may fail before nothing is accepted any more. */
    readonly storeRetryMs: number;
  };
  readonly log: Log;
}

/** What there is between start and stop. */
interface Opened {
  readonly facts: FactTable;
  readonly lock: FolderLock;
  readonly store: RoomStore;
  /** `null`: messages are kept for ever. */
  readonly sweep: Sweep | null;
  readonly table: StreamTable;
  readonly watch: DiskWatch;
}

/** The part of `storeBytesMax` by which messages may exceed it before appends wait. */
const EXCESS = 1 / 64;
/** When facts are written again that could not be. */
const RETRY_MS = 5_000;

export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedEngineOptions;
  /** Facts that changed since the last commit began. */
  #changedFacts = new Map<string, string | null>();
  #cancelRetry: Cancel | null = null;
  #deliver: Deliver | null = null;
  /** Whether appends of the last commit were refused because it failed. */
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
    // While there is room in the WAL, commits go on although the file cannot be written.
    return this.#hasFailed && isFailing ? 'failing' : 'accepting';
  }

  /** Rejects with FolderTakenError, or with an Error that says what is wrong with the files. */
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

  /** This process hears of every publication, followed or not. */
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
    // A start outside of what is kept begins at the nearest end.
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
    // A commit that failed may have left some: the disk has perhaps room again.
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

  /** At the end of the turn: all sockets that had something to say in it were read by then. */
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
      // What is only noted down waits for better times; everything else was refused.
      this.#retryLater();
      break;
    }
    this.#isCommitting = false;
    // Who was refused may have asked again at once.
    if (!this.#queue.isEmpty) this.#commitSoon();
    else this.#idle?.();
  }

  get #hasWork(): boolean {
    if (!this.#queue.isEmpty || this.#changedFacts.size > 0) return true;
    return !this.#isStopped && (this.#isOverDisk || this.#opened?.sweep?.isEmpty === false);
  }

  /** None while the disk is so full that the oldest messages must go first. */
  #nextGroup(): Waiting[] {
    const { storeBytesMax } = this.#options.limits;
    const isFarOver = this.#isOverDisk && this.#files.table.bytes > storeBytesMax * (1 + EXCESS);
    return isFarOver && !this.#isStopped ? [] : this.#queue.takeGroup();
  }

  /** One timer, however many commits fail meanwhile. */
  #retryLater(): void {
    if (this.#isStopped) return;
    this.#cancelRetry ??= this.#options.clock.after(RETRY_MS, () => {
      this.#cancelRetry = null;
      this.#commitSoon();
    });
  }

  /** False: it failed. */
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
      // They go with the next one, unless they have changed again.
      this.#changedFacts = new Map([...facts, ...this.#changedFacts]);
      this.#failed(error, [...lists, ...this.#queue.takeAll()]);
      return false;
    }
  }

  #failed(error: unknown, lists: readonly Waiting[]): void {
    // Once, and not with each message that is refused meanwhile.
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
 * Delivering may take long, and what it is answered with shall not miss the next commit: else those
 * who wait for each other's messages fall into two halves that take turns. The first hop ends the
 * turn that is on its way, which asked the sockets before; the second ends one that asks again.
 */
function untilSocketsWereRead(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** Without the code of the file system: it must not be taken for that of a port. */
function unusable(folder: string, error: unknown): unknown {
  if (!isNativeError(error) || !('code' in error)) return error;
  return new Error(`${folder} cannot be used: ${error.message}`, { cause: error });
}
