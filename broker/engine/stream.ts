import { octetsOf } from '../../shared/octets.ts';
import { Deduplication, type DeduplicationLimits, type Duplicate } from './deduplication.ts';
import type { Entry, HistoryPage, HistoryQuery, Publication } from './engine.ts';

interface Kept {
  readonly publication: Publication;
  readonly at: number;
  readonly bytes: number;
}

export interface Retention {
  /** The most messages that a destination keeps. */
  readonly historyCount: number;
  /** The most bytes of headers and bodies that a destination keeps. */
  readonly historyBytes: number;
  /** The time for which a message is kept; 0: no limit. */
  readonly historySeconds: number;
}

/** The kept messages of one destination, in memory. Beyond the limits the oldest are dropped. */
export class Stream {
  readonly #kept = new Map<number, Kept>();
  readonly #overheadBytes: number;
  readonly #deduplication: Deduplication;
  #head: number;
  #bytes = 0;

  /**
   * @param overheadBytes the bytes that each message counts on top of its headers and body
   * @param head the newest position that the destination has given before
   */
  constructor(overheadBytes: number, limits: DeduplicationLimits, head = 0) {
    this.#overheadBytes = overheadBytes;
    this.#head = head;
    this.#deduplication = new Deduplication(limits);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get head(): number {
    return this.#head;
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  get oldest(): number {
    return this.#head - this.#kept.size + 1;
  }

  /** The earlier message with the deduplication id of an entry; `null`: the id is new. */
  duplicateOf({ deduplication }: Entry, now: number): Duplicate | null {
    return deduplication === undefined ? null : this.#deduplication.find(deduplication, this, now);
  }

  /** Keeps an entry at the next position. */
  push(entry: Entry, id: string, at: number): Publication {
    const { destination, message, deduplication } = entry;
    this.#head += 1;
    const offset = this.#head;
    const publication = { id, destination, message, offset, isEphemeral: false };
    const bytes = this.#overheadBytes + octetsOf(message);
    this.#kept.set(offset, { publication, at, bytes });
    this.#bytes += bytes;
    if (deduplication !== undefined) this.#deduplication.add(deduplication, offset, at);
    return publication;
  }

  /** Drops the oldest messages until the others are within the limits. */
  trim({ historyBytes, historyCount, historySeconds }: Retention, now: number): void {
    const before = historySeconds === 0 ? Number.NEGATIVE_INFINITY : now - historySeconds * 1_000;
    const isTooOld = () => (this.#kept.get(this.oldest)?.at ?? now) < before;
    while (this.#kept.size > historyCount || this.#bytes > historyBytes || isTooOld()) {
      if (!this.dropOldest()) break;
    }
    this.#deduplication.forget(this, now);
  }

  /** Drops the oldest message; false if there is none. */
  dropOldest(): boolean {
    const kept = this.#kept.get(this.oldest);
    if (kept === undefined) return false;
    this.#kept.delete(this.oldest);
    this.#bytes -= kept.bytes;
    return true;
  }

  read({ bytesMax = Number.POSITIVE_INFINITY, direction, from, limit }: HistoryQuery): HistoryPage {
    const step = direction === 'forward' ? 1 : -1;
    const { head, oldest } = this;
    const start = from === 'newest' ? head : from === 'oldest' ? oldest : from;
    const publications: Publication[] = [];
    // A start outside the kept positions is moved to the nearest end.
    let bytes = 0;
    let at = step === 1 ? Math.max(start, oldest) : Math.min(start, head);
    while (publications.length < limit) {
      const kept = this.#kept.get(at);
      if (kept === undefined) break;
      bytes += kept.bytes;
      if (bytes > bytesMax && publications.length > 0) break;
      publications.push(kept.publication);
      at += step;
    }
    return { publications, oldest, head };
  }
}
