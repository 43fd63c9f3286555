// The reference engine: for tests, for embedding, and wherever a restart may forget. It commits
// once per turn of the event loop, so that what came in one turn goes out in one batch.

import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { AppendQueue } from './append-queue.ts';
import type {
  Appended,
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
import { type KnownStreams, refusalOf } from './refusal.ts';
import type { RepeatLimits } from './repeats.ts';
import { type Retention, Stream } from './stream.ts';
import { type Term, Terms, termName } from './terms.ts';

export interface MemoryEngineLimits extends RepeatLimits, Retention {
  /** Bytes of history over all destinations; the longest silent one gives way first. */
  readonly memoryBytes: number;
  /** Kept destinations; an append to one more is refused `STORE_FULL`. */
  readonly streamsMax: number;
}

export interface MemoryEngineOptions {
  readonly clock: Clock;
  /** Whether a destination has positions and a history. */
  readonly keeps: (destination: string) => boolean;
  readonly limits: MemoryEngineLimits;
  /** What a kept message counts besides its octets. */
  readonly overheadBytes: number;
}

const EMPTY: HistoryPage = { publications: [], oldest: 1, head: 0 };

export class MemoryEngine implements Engine {
  readonly epoch: string;
  readonly facts: Facts = new FactTable();
  readonly #options: MemoryEngineOptions;
  /** The one that was appended to last stands last. */
  readonly #streams = new Map<string, Stream>();
  readonly #known: KnownStreams = {
    room: () => this.#options.limits.streamsMax - this.#streams.size,
    has: (destination) => this.#streams.has(destination),
    isKept: (entry) => this.#isKept(entry),
    isTaken: (entry) => {
      const stream = this.#streams.get(entry.destination);
      return stream?.repeatOf(entry, this.#options.clock.now())?.isSame === false;
    },
  };
  /** Ids begin with it. Short, as it is part of every message-id on the wire. */
  readonly #term: Term;
  #deliver: Deliver | null = null;
  #host: EngineHost | null = null;
  readonly #queue = new AppendQueue();
  #historyBytes = 0;
  #published = 0;
  #isCommitting = false;
  #isStopped = false;

  constructor(options: MemoryEngineOptions) {
    this.#options = options;
    // It lives as long as its first term.
    const terms = new Terms(randomBytes(6).toString('hex'), []);
    this.epoch = terms.epoch;
    this.#term = terms.present;
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

  ends(destination: string): Ends | null {
    if (!this.#options.keeps(destination)) return null;
    const { head, oldest } = this.#streams.get(destination) ?? EMPTY;
    return { head, oldest };
  }

  start(deliver: Deliver, host?: EngineHost): Promise<void> {
    this.#deliver = deliver;
    this.#host = host ?? null;
    return Promise.resolve();
  }

  append(entries: readonly Entry[]): Promise<AppendOutcome> {
    if (this.#isStopped) return Promise.resolve(appendRefused('STORE_STOPPED'));
    return new Promise((settle) => {
      this.#queue.add(entries, settle);
      this.#commitSoon();
    });
  }

  history(query: HistoryQuery): Promise<HistoryPage> {
    const stream = this.#streams.get(query.destination);
    return Promise.resolve(stream === undefined ? EMPTY : stream.read(query));
  }

  resolve(destination: string, { epoch, offset }: Position): Standing {
    const { head } = this.#streams.get(destination) ?? EMPTY;
    return epoch === this.epoch && offset <= head + 1 ? 'known' : 'foreign';
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    while (!this.#queue.isEmpty) this.#commit();
    return Promise.resolve();
  }

  /** At the end of the turn: all sockets that had something to say in it were read by then. */
  #commitSoon(): void {
    if (this.#isCommitting) return;
    this.#isCommitting = true;
    setImmediate(() => {
      this.#isCommitting = false;
      this.#commit();
      if (!this.#queue.isEmpty) this.#commitSoon();
    });
  }

  #commit(): void {
    const waiting = this.#queue.takeGroup();
    this.#queue.settled(waiting);
    const batch: Publication[] = [];
    const settled = waiting.map(({ entries, settle }) => {
      const outcome = this.#commitList(entries, batch);
      return () => settle(outcome);
    });
    if (batch.length > 0) this.#deliver?.(batch);
    for (const settle of settled) settle();
    this.#host?.settled();
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
    const { clock, limits, overheadBytes } = this.#options;
    const stream = this.#streams.get(entry.destination) ?? new Stream(overheadBytes, limits);
    const now = clock.now();
    const repeat = stream.repeatOf(entry, now);
    if (repeat !== null) return { type: 'duplicate', offset: repeat.offset };

    const bytesBefore = stream.bytes;
    batch.push(stream.push(entry, this.#nextId(), now));
    stream.trim(limits, now);
    this.#historyBytes += stream.bytes - bytesBefore;
    this.#streams.delete(entry.destination);
    this.#streams.set(entry.destination, stream);
    this.#trimAll();
    return { type: 'committed', offset: stream.head };
  }

  #trimAll(): void {
    for (const [destination, stream] of this.#streams) {
      if (this.#historyBytes <= this.#options.limits.memoryBytes) return;
      this.#historyBytes -= stream.bytes;
      while (this.#historyBytes + stream.bytes > this.#options.limits.memoryBytes) {
        if (!stream.dropOldest()) break;
      }
      this.#historyBytes += stream.bytes;
      // Its head must be remembered; an empty one goes last, so that the next look is short.
      if (stream.bytes > 0) return;
      this.#streams.delete(destination);
      this.#streams.set(destination, stream);
    }
  }

  #isKept({ destination, isEphemeral }: Entry): boolean {
    return isEphemeral !== true && this.#options.keeps(destination);
  }

  #nextId(): string {
    this.#published += 1;
    return `${termName(this.#term)}-${this.#published}`;
  }
}
