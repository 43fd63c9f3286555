// Drafts of the streams that one commit changes. The streams themselves change only once the commit
// has succeeded.

import type { TermHistory } from '../terms.ts';
import type { Changes, Removal, TermsWrite } from './changes.ts';
import type { Outline } from './room-store.ts';
import type { StreamState, StreamTable } from './stream-table.ts';

export interface Draft {
  readonly stream: StreamState;
  readonly isNew: boolean;
  /** The outlines of the records that this commit writes, in order. */
  readonly outlines: Outline[];
  /** The messages of this commit that have a deduplication id, by that id. */
  readonly said: Map<string, { readonly offset: number; readonly digest: string }>;
  head: number;
  oldest: number;
  bytes: number;
  terms: TermHistory;
}

export class StreamDrafts {
  readonly #drafts = new Map<string, Draft>();
  readonly #table: StreamTable;
  /** The number of streams that cannot become dormant: those with messages or with a draft. */
  #busyStreams: number;

  constructor(table: StreamTable) {
    this.#table = table;
    this.#busyStreams = table.busySize;
  }

  get busyStreams(): number {
    return this.#busyStreams;
  }

  all(): Iterable<Draft> {
    return this.#drafts.values();
  }

  get(destination: string): Draft | undefined {
    return this.#drafts.get(destination);
  }

  /** True if the stream counts as busy already, so that a message to it needs no further room. */
  isBusy(destination: string): boolean {
    return this.#drafts.has(destination) || this.#hasMessages(destination);
  }

  /** The draft of a stream, made from the committed state if the commit has none yet. */
  open(destination: string): Draft {
    const known = this.#drafts.get(destination);
    if (known !== undefined) return known;
    const kept = this.#table.get(destination);
    const stream = kept ?? this.#table.create(destination);
    const isNew = kept === undefined;
    if (!this.#hasMessages(destination)) this.#busyStreams += 1;
    const { bytes, head, oldest, terms } = stream;
    const said: Draft['said'] = new Map();
    // Fields are named one by one, because V8 gives each copy with `...` a shape of its own.
    const draft: Draft = { stream, isNew, said, outlines: [], head, oldest, bytes, terms };
    this.#drafts.set(destination, draft);
    return draft;
  }

  /** Picks empty streams to make dormant for new ones, those that were empty longest first. */
  chooseVictims(streamsMax: number): StreamState[] {
    let excess = this.#table.size - streamsMax;
    for (const { isNew } of this.#drafts.values()) if (isNew) excess += 1;
    const victims: StreamState[] = [];
    for (const stream of this.#table.empty()) {
      if (victims.length >= excess) break;
      if (!this.#drafts.has(stream.destination)) victims.push(stream);
    }
    return victims;
  }

  /** The part of the write set that changes streams. */
  changes(): Pick<Changes, 'removals' | 'streams' | 'terms'> {
    const changed = [...this.#drafts.values()].filter(isChanged);
    return {
      removals: removalsOf(changed),
      streams: changed.map(({ stream, head, oldest, bytes }) => {
        return { id: stream.id, destination: stream.destination, head, oldest, bytes };
      }),
      terms: termsOf(changed),
    };
  }

  /** The commit is on disk: makes the drafts the committed state. @param at time of the commit */
  succeeded(at: number): void {
    for (const draft of this.#drafts.values()) {
      if (draft.isNew || isChanged(draft)) this.#table.committed(draft.stream, draft, at);
    }
  }

  #hasMessages(destination: string): boolean {
    const stream = this.#table.get(destination);
    return stream !== undefined && stream.oldest <= stream.head;
  }
}

function isChanged({ head, oldest, stream }: Draft): boolean {
  return head !== stream.head || oldest !== stream.oldest;
}

function removalsOf(drafts: readonly Draft[]): Removal[] {
  return drafts.flatMap(({ stream, oldest: to }) => {
    const { id: streamId, oldest: from } = stream;
    return to === from ? [] : { streamId, from, to };
  });
}

/** The terms that the file lacks: changed ones, and those of new or formerly dormant streams. */
function termsOf(drafts: readonly Draft[]): TermsWrite[] {
  return drafts.flatMap(({ isNew, stream, terms }) => {
    return terms === stream.terms && !isNew ? [] : { streamId: stream.id, terms };
  });
}
