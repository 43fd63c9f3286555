// The lists that wait for their commit, and their size. An engine takes them out in groups. The cost
// of a group is bounded, so that a commit never holds the event loop for long.

import { octetsOf } from '../../shared/octets.ts';
import type { AppendOutcome, Entry } from './engine.ts';
import type { PendingFacts } from './facts.ts';

/** One list that was appended and waits. */
export interface Waiting {
  readonly entries: readonly Entry[];
  /** Of the entries' messages. */
  readonly bytes: number;
  /** `null`: it brings none. */
  readonly facts: PendingFacts | null;
  readonly settle: (outcome: AppendOutcome) => void;
  /** The sender of the list. */
  readonly source: string;
}

/** The most entries of one group: a larger group saves nothing more. */
const GROUP_MAX = 8_192;
/** The most bytes of one group: packing and checking a MiB takes about 5 ms of the event loop. */
const GROUP_BYTES_MAX = 1_024 * 1_024;
/**
 * If more lists than these wait, a source with many of them must not delay the others: its lists
 * beyond the first few wait for a later group.
 */
const CROWD = 1_024;
/** The first few lists of a source. Clients that await their receipts seldom have more in flight. */
const FEW = 4;
/** This many bytes count as one more list, because a large message costs as much as many small. */
const BYTES_A_LIST = 16 * 1_024;
/** The source of the server's own lists. */
const SERVER = '';

export class AppendQueue {
  #bytes = 0;
  #entries = 0;
  #waiting: Waiting[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Entries that were added and not settled yet. */
  get entries(): number {
    return this.#entries;
  }

  /** Bytes of the messages of these entries. */
  get bytes(): number {
    return this.#bytes;
  }

  add(
    entries: readonly Entry[],
    settle: Waiting['settle'],
    source: string = SERVER,
    facts: PendingFacts | null = null,
  ): void {
    let bytes = 0;
    for (const { message } of entries) bytes += octetsOf(message);
    this.#entries += entries.length;
    this.#bytes += bytes;
    this.#waiting.push({ bytes, entries, facts, settle, source });
  }

  /** Takes out the lists of the next group. The first list is part of it, however large. */
  takeGroup(): Waiting[] {
    const isCrowd = this.#waiting.length > CROWD || this.#bytes > GROUP_BYTES_MAX;
    const listsMax = isCrowd ? Math.max(CROWD, this.#putFewFirst()) : this.#waiting.length;
    let count = 0;
    let bytes = 0;
    let end = 0;
    for (const list of this.#waiting) {
      count += list.entries.length + (list.facts?.changes.size ?? 0);
      bytes += list.bytes;
      const isTooMuch = end === listsMax || count > GROUP_MAX || bytes > GROUP_BYTES_MAX;
      if (end > 0 && isTooMuch) break;
      end += 1;
    }
    return this.#waiting.splice(0, end);
  }

  takeAll(): Waiting[] {
    return this.#waiting.splice(0);
  }

  /** Lists that were taken out are committed or refused. */
  settled(lists: readonly Waiting[]): void {
    for (const { bytes, entries } of lists) {
      this.#entries -= entries.length;
      this.#bytes -= bytes;
    }
  }

  /**
   * Puts the first list of each source before the second of each, and so on for a few; the rest
   * follows in its order. Lists of one source keep their order. Returns the number of the few.
   */
  #putFewFirst(): number {
    const rounds: Waiting[][] = Array.from({ length: FEW }, () => []);
    const rest: Waiting[] = [];
    const costs = new Map<string, number>();
    for (const list of this.#waiting) {
      const { bytes, source } = list;
      const before = costs.get(source) ?? 0;
      const cost = before + 1 + Math.trunc(bytes / BYTES_A_LIST);
      costs.set(source, cost);
      (rounds[cost - 1] ?? rest).push(list);
    }
    this.#waiting = [...rounds.flat(), ...rest];
    return this.#waiting.length - rest.length;
  }
}
