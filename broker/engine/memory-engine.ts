// The reference engine, for tests, for embedding, and for servers that may lose everything on a
// restart. It commits once per turn of the event loop: the appends of one turn form one batch.

import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AppendQueue } from './append-queue.ts';
import type {
  Appended,
  AppendOptions,
  AppendOutcome,
  Deliver,
  Ends,
  Engine,
  EngineHost,
  EngineState,
  Entry,
  Facts,
  HistoryPage,
  HistoryQuery,
  Position,
  Publication,
  Standing,
} from './engine.ts';
import { appendRefused } from './engine.ts';
import { FactTable } from './facts.ts';
import { type MemoryStreamLimits, MemoryStreams } from './memory-streams.ts';
import { type KnownStreams, refusalOf } from './refusal.ts';
import type { Stream } from './stream.ts';
import { type Term, Terms, termName } from './terms.ts';

export interface MemoryEngineLimits extends MemoryStreamLimits {
  /** The most bytes of history over all destinations; the longest idle one is cut first. */
  readonly memoryBytes: number;
}

export interface MemoryEngineOptions {
  readonly clock: Clock;
  /** True if a destination has positions and a history. */
  readonly keeps: (destination: string) => boolean;
  readonly limits: MemoryEngineLimits;
  /** The bytes that a kept message counts on top of its headers and body. */
  readonly overheadBytes: number;
}

export class MemoryEngine implements Engine {
  readonly epoch: string;
  readonly #facts = new FactTable();
  readonly #options: MemoryEngineOptions;
  readonly #streams: MemoryStreams;
  readonly #known: KnownStreams = {
    room: () => this.#streams.room,
    // A stream without messages has given up its room, so it needs room again for a message.
    has: (destination) => this.#streams.hasMessages(destination),
    isKept: (entry) => this.#isKept(entry),
    isTaken: (entry) => {
      const stream = this.#streams.get(entry.destination);
      return stream?.duplicateOf(entry, this.#options.clock.now())?.isSame === false;
    },
  };
  /** The prefix of all message ids, short because it is part of every message-id on the wire. */
  readonly #term: Term;
  #deliver: Deliver | null = null;
  #host: EngineHost | null = null;
  readonly #queue = new AppendQueue();
  #historyBytes = 0;
  #published = 0;
  /** Settles when the batch under way has been delivered; `null`: there is none. */
  #delivering: Promise<void> | null = null;
  #isCommitting = false;
  #isStopped = false;
  #stopped: Promise<void> | null = null;

  constructor(options: MemoryEngineOptions) {
    this.#options = options;
    this.#streams = new MemoryStreams(options.limits, options.overheadBytes);
    // A store in memory ends with its process, so it has only one term.
    const terms = new Terms(randomBytes(6).toString('hex'), []);
    this.epoch = terms.epoch;
    this.#term = terms.present;
  }

  get facts(): Facts {
    return this.#facts;
  }

  get bytes(): number {
    return this.#historyBytes + this.#queue.bytes;
  }

  get pending(): number {
    return this.#queue.entries;
  }

  get pendingBytes(): number {
    return this.#queue.bytes;
  }

  get state(): EngineState {
    return this.#isStopped ? 'stopped' : 'accepting';
  }

  /** All publications are made in this process, so there is nothing to follow. */
  follow(destination: string): Ends | null {
    return this.ends(destination);
  }

  unfollow(_destination: string): void {}

  ends(destination: string): Ends | null {
    if (!this.#options.keeps(destination)) return null;
    return this.#endsOf(destination);
  }

  start(deliver: Deliver, host?: EngineHost): Promise<void> {
    this.#deliver = deliver;
    this.#host = host ?? null;
    return Promise.resolve();
  }

  append(entries: readonly Entry[], options?: AppendOptions): Promise<AppendOutcome> {
    if (this.#isStopped) return Promise.resolve(appendRefused('STORE_STOPPED'));
    return new Promise((settle) => {
      this.#queue.add(entries, settle, options?.source, this.#facts.hold(options?.facts));
      this.#commitSoon();
    });
  }

  history(query: HistoryQuery): Promise<HistoryPage> {
    const stream = this.#streams.get(query.destination);
    if (stream !== undefined) return Promise.resolve(stream.read(query));
    return Promise.resolve({ publications: [], ...this.#endsOf(query.destination) });
  }

  resolve(destination: string, { epoch, offset }: Position): Standing {
    const { head } = this.#endsOf(destination);
    return epoch === this.epoch && offset <= head + 1 ? 'known' : 'foreign';
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopped ??= this.#commitRest();
    return this.#stopped;
  }

  async #commitRest(): Promise<void> {
    if (this.#delivering !== null) await this.#delivering;
    while (!this.#queue.isEmpty) {
      this.#commit();
      if (this.#delivering !== null) await this.#delivering;
    }
  }

  /** Commits at the end of the turn, when all sockets with input have been read. */
  #commitSoon(): void {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    setImmediate(() => {
      // `stop` commits the pending appends itself, group by group.
      if (this.#isStopped) return;
      this.#commit();
      if (this.#delivering === null) this.#goOn();
      else void this.#delivering.then(() => this.#goOn());
    });
  }

  #goOn(): void {
    this.#isCommitting = false;
    if (!this.#queue.isEmpty) this.#commitSoon();
  }

  /** Commits a group. Its appends are settled on return, unless their batch is still under way. */
  #commit(): void {
    const waiting = this.#queue.takeGroup();
    this.#queue.settled(waiting);
    const batch: Publication[] = [];
    const settled = waiting.map(({ entries, facts, settle }) => {
      const outcome = this.#commitList(entries, batch);
      if (outcome.type === 'appended') facts?.apply();
      else facts?.drop();
      return () => settle(outcome);
    });
    const settleAll = () => {
      this.#delivering = null;
      for (const settle of settled) settle();
      this.#host?.settled();
    };
    const delivering = batch.length > 0 ? this.#deliver?.(batch) : undefined;
    if (delivering === undefined) settleAll();
    else this.#delivering = delivering.then(settleAll);
  }

  #commitList(entries: readonly Entry[], batch: Publication[]): AppendOutcome {
    const refusal = refusalOf(entries, this.#known);
    if (refusal !== null) return appendRefused(refusal);
    return { type: 'appended', entries: entries.map((entry) => this.#commitOne(entry, batch)) };
  }

  #commitOne(entry: Entry, batch: Publication[]): Appended {
    if (!this.#isKept(entry)) {
      const { destination, message, isEphemeral = false } = entry;
      batch.push({ id: this.#nextId(), destination, message, offset: null, isEphemeral });
      return { type: 'committed', offset: null };
    }
    const { clock, limits } = this.#options;
    const { destination } = entry;
    const now = clock.now();
    const deduplication = this.#streams.get(destination)?.duplicateOf(entry, now) ?? null;
    if (deduplication !== null) return { type: 'duplicate', offset: deduplication.offset };

    const stream = this.#streams.open(destination);
    const bytesBefore = stream.bytes;
    batch.push(stream.push(entry, this.#nextId(), now));
    stream.trim(limits, now);
    this.#historyBytes += stream.bytes - bytesBefore;
    this.#streams.appended(destination, stream);
    this.#streams.shrink(this.#isTooMuch, this.#dropOldest);
    return { type: 'committed', offset: stream.head };
  }

  /** True if the history is over its own limit, or all stores together over the memory budget. */
  readonly #isTooMuch = () => {
    if (this.#historyBytes > this.#options.limits.memoryBytes) return true;
    return this.#historyBytes > 0 && this.#host?.hasRoom(0) === false;
  };

  readonly #dropOldest = (stream: Stream) => {
    const bytesBefore = stream.bytes;
    stream.dropOldest();
    this.#historyBytes += stream.bytes - bytesBefore;
  };

  #endsOf(destination: string): Ends {
    const stream = this.#streams.get(destination);
    if (stream !== undefined) return { head: stream.head, oldest: stream.oldest };
    const head = this.#streams.headOf(destination);
    return { head, oldest: head + 1 };
  }

  #isKept({ destination, isEphemeral }: Entry): boolean {
    return isEphemeral !== true && this.#options.keeps(destination);
  }

  #nextId(): string {
    this.#published += 1;
    return `${termName(this.#term)}-${this.#published}`;
  }
}
