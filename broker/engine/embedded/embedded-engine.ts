// The engine that keeps rooms on disk. The appends that come during a commit are the next commit: one
// write and one flush for all of them. Nothing of a commit is delivered, receipted or read before it
// is on disk. A commit that fails gives its positions back, and all appends that wait are refused.

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
import { termName } from '../terms.ts';
import { CommitGroup } from './commit-group.ts';
import { FactRetry } from './fact-retry.ts';
import { type EmbeddedEngineOptions, type OpenedStore, openStore } from './opened-store.ts';
import { untilSocketsWereRead } from './socket-turns.ts';
import { readPage, standingOf } from './stored-history.ts';

export type { EmbeddedEngineOptions };

/** The part of `storeBytesMax` by which messages may exceed it before appends wait. */
const EXCESS = 1 / 64;
export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedEngineOptions;
  /** Facts that were set since the last commit began. */
  #changedFacts = new Map<string, string | null>();
  #deliver: Deliver | null = null;
  /** True: the last commit failed. */
  #hasFailed = false;
  #host: EngineHost | null = null;
  #isCommitting = false;
  #isStopped = false;
  #idle: (() => void) | null = null;
  #opened: OpenedStore | null = null;
  #published = 0;
  readonly #queue = new AppendQueue();
  readonly #retry: FactRetry;
  #stopped: Promise<void> | null = null;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
    this.#retry = new FactRetry(options.clock, () => this.#commitSoon());
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
    this.#opened = await openStore(this.#options, {
      factChanged: (name, value) => {
        this.#changedFacts.set(name, value);
        this.#commitSoon();
      },
      foundOld: () => this.#commitSoon(),
    });
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

  history(query: HistoryQuery): Promise<HistoryPage> {
    return Promise.resolve(readPage(this.#files, query));
  }

  resolve(destination: string, position: Position): Standing {
    return standingOf(this.#files, destination, position);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#isStopped = true;
    this.#retry.stop();
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

  get #isOverDisk(): boolean {
    return this.#files.table.exceeds(this.#options.limits.storeBytesMax);
  }

  get #files(): OpenedStore {
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
      if (!this.#isStopped) this.#retry.start();
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

  /** Commits lists; false: the commit failed. */
  async #commit(lists: readonly Waiting[]): Promise<boolean> {
    const { clock, keeps, limits } = this.#options;
    const { store, sweep, table } = this.#files;
    const facts = this.#changedFacts;
    this.#changedFacts = new Map();
    const group = new CommitGroup({
      isKept: ({ destination, isEphemeral }) => isEphemeral !== true && keeps(destination),
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

  #nextId(): string {
    this.#published += 1;
    return `${termName(this.#files.store.terms.present)}-${this.#published}`;
  }
}
