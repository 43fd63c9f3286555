// The drafts of the streams that one commit touches. The streams themselves change when the commit has
// succeeded.

import type { TermHistory } from '../terms.ts';
import type { Changes, Removal, TermsWrite } from './changes.ts';
import type { Outline } from './room-store.ts';
import type { StreamState, StreamTable } from './stream-table.ts';

export interface Draft {
  readonly stream: StreamState;
  readonly isNew: boolean;
  /** The outlines of the records that this commit writes, in order. */
  readonly outlines: Outline[];
  /** The messages with an id that this commit writes, by id. */
  readonly said: Map<string, { readonly offset: number; readonly digest: string }>;
  head: number;
  oldest: number;
  bytes: number;
  terms: TermHistory;
}

export class StreamDrafts {
  readonly #drafts = new Map<string, Draft>();
  readonly #table: StreamTable;
  /** The number of streams that cannot make room: those with messages, and those with a draft. */
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

  /** Whether the stream needs no further room to get a message. */
  isBusy(destination: string): boolean {
    return this.#drafts.has(destination) || this.#hasMessages(destination);
  }

  /** The draft of a stream, which begins with its committed state. */
  open(destination: string): Draft {
    const known = this.#drafts.get(destination);
    if (known !== undefined) return known;
    const kept = this.#table.get(destination);
    const stream = kept ?? this.#table.create(destination);
    const isNew = kept === undefined;
    if (!this.#hasMessages(destination)) this.#busyStreams += 1;
    const { bytes, head, oldest, terms } = stream;
    const said: Draft['said'] = new Map();
    // Fields one by one: V8 gives each copy with `...` a shape of its own.
    const draft: Draft = { stream, isNew, said, outlines: [], head, oldest, bytes, terms };
    this.#drafts.set(destination, draft);
    return draft;
  }

  /** The streams without messages that make room for new ones, those without for longest first. */
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

  /** The commit is on disk: the drafts become the streams. @param at the time of the commit */
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

/** The terms of changed streams that the file does not have: new uses, and those of woken streams. */
function termsOf(drafts: readonly Draft[]): TermsWrite[] {
  return drafts.flatMap(({ isNew, stream, terms }) => {
    return terms === stream.terms && !isNew ? [] : { streamId: stream.id, terms };
  });
}
