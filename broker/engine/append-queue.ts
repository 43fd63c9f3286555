// Lists that were appended and wait for their commit, and how much they are. An engine takes them out
// in groups; what a group costs is bounded, so that a commit never holds the event loop for long.

import { octetsOf } from '../../shared/octets.ts';
import type { AppendOutcome, Entry } from './engine.ts';

/** What was given to `append`, and waits. */
export interface Waiting {
  readonly entries: readonly Entry[];
  /** Of the entries' messages. */
  readonly bytes: number;
  readonly settle: (outcome: AppendOutcome) => void;
}

/** Entries of one group; with more of them the next one is as good. */
const GROUP_MAX = 8_192;
/** Bytes of one group: packing and checking a MiB takes about 5 ms of the event loop. */
const GROUP_BYTES_MAX = 1_024 * 1_024;

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

  add(entries: readonly Entry[], settle: Waiting['settle']): void {
    let bytes = 0;
    for (const { message } of entries) bytes += octetsOf(message);
    this.#entries += entries.length;
    this.#bytes += bytes;
    this.#waiting.push({ entries, bytes, settle });
  }

  /** Takes the lists of the next group out. The first list goes in any case. */
  takeGroup(): Waiting[] {
    let count = 0;
    let bytes = 0;
    let end = 0;
    for (const list of this.#waiting) {
      count += list.entries.length;
      bytes += list.bytes;
      if (end > 0 && (count > GROUP_MAX || bytes > GROUP_BYTES_MAX)) break;
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
}
