// Lists that were appended and wait for their commit, and how much they are. An engine takes them out
// in groups; what a group costs is bounded, so that a commit never holds the event loop for long.

import { octetsOf } from '../../shared/octets.ts';
import type { AppendOutcome, Entry } from './engine.ts';
import type { PendingFacts } from './facts.ts';

/** What was given to `append`, and waits. */
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

/** Entries of one group; with more of them the next one is as good. */
const GROUP_MAX = 8_192;
/** Bytes of one group: packing and checking a MiB takes about 5 ms of the event loop. */
const GROUP_BYTES_MAX = 1_024 * 1_024;
/**
 * With more lists than these waiting, a source that has many of them must not delay the others: its
 * lists beyond the first few wait for a later group.
 */
const CROWD = 1_024;
/** How many the first few are. Clients that await their receipts seldom have more on the way. */
const FEW = 4;
/** So many bytes count as one more list: one large message costs as much as many small ones. */
const BYTES_A_LIST = 16 * 1_024;
/** What the server itself appends. */
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

  /** Bytes of their messages. */
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

  /** Takes the lists of the next group out. The first list goes in any case. */
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

  /** These lists, which were taken out, wait no more. */
  settled(lists: readonly Waiting[]): void {
    for (const { bytes, entries } of lists) {
      this.#entries -= entries.length;
      this.#bytes -= bytes;
    }
  }

  /**
   * Puts the first list of each source before the second of each, and so on for a few; the rest
   * follows in its order. Those of one source keep theirs. Returns how many the few are.
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
