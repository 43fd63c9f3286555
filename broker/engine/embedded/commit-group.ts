// The appends of one commit, with a draft of each stream that they touch. The streams themselves
// change when the commit has succeeded, and not at all if it fails.

import type { Waiting } from '../append-queue.ts';
import type { DeduplicationLimits, Duplicate } from '../deduplication.ts';
import {
  type Appended,
  type AppendOutcome,
  appendRefused,
  type DeduplicationKey,
  type Entry,
  type Publication,
} from '../engine.ts';
import type { PendingFacts } from '../facts.ts';
import { type KnownStreams, refusalOf } from '../refusal.ts';
import type { Retention } from '../stream.ts';
import { type TermHistory, withUse } from '../terms.ts';
import type { Changes, Forgotten, Removal, TermsWrite, Write } from './changes.ts';
import { packMessage, publicationOf } from './record.ts';
import type { Outline, RoomStore } from './room-store.ts';
import { diskBytesOf, type StreamState, type StreamTable } from './stream-table.ts';

export interface GroupLimits extends DeduplicationLimits, Retention {
  /** The approximate bytes on disk of all streams; beyond them the oldest messages are removed. */
  readonly storeBytesMax: number;
  /** The most streams; those with messages cannot make room for others (`STORE_FULL`). */
  readonly streamsMax: number;
}

export interface GroupOptions {
  readonly isKept: (entry: Entry) => boolean;
  readonly limits: GroupLimits;
  readonly nextId: () => string;
  readonly now: number;
  readonly store: RoomStore;
  readonly table: StreamTable;
}

interface Draft {
  readonly stream: StreamState;
  readonly isNew: boolean;
  /** The outlines of the records that this commit writes, in order. */
  readonly outlines: Outline[];
  readonly said: Map<string, { readonly offset: number; readonly digest: string }>;
  head: number;
  oldest: number;
  bytes: number;
  terms: TermHistory;
}

/**
 * The most messages of a stream that one commit removes beyond the number that it writes, and the most
 * that it reads to find the oldest of all. The next commit continues.
 */
const REMOVALS_MAX = 1_024;
/** The most bytes of records that one commit reads for that, because large ones take longer. */
const READ_BYTES_MAX = 8 * 1_024 * 1_024;

export class CommitGroup {
  readonly #batch: Publication[] = [];
  readonly #forgotten: Forgotten[] = [];
  readonly #drafts = new Map<string, Draft>();
  /** The facts of the lists that are appended. */
  readonly #facts: PendingFacts[] = [];
  readonly #known: KnownStreams = {
    room: () => this.#options.limits.streamsMax - this.#busyStreams,
    // A stream without messages makes room for others, so it needs room to get a message.
    has: (destination) => this.#drafts.has(destination) || this.#hasMessages(destination),
    isKept: (entry) => this.#options.isKept(entry),
    isTaken: (entry) => this.#duplicateOf(entry)?.isSame === false,
  };
  readonly #options: GroupOptions;
  readonly #outcomes: { readonly waiting: Waiting; readonly outcome: AppendOutcome }[] = [];
  readonly #writes: Write[] = [];
  /** The number of streams that cannot make room: those with messages, and those with a draft. */
  #busyStreams: number;
  /** True: the order of the streams was changed as if the commit had succeeded. */
  #hasOrdered = false;
  #readBytes = 0;
  #victims: StreamState[] = [];

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#busyStreams = options.table.busySize;
  }

  /** Takes a list as a whole, or refuses it. */
  add(waiting: Waiting): void {
    const refusal = refusalOf(waiting.entries, this.#known);
    const outcome: AppendOutcome =
      refusal === null
        ? { type: 'appended', entries: waiting.entries.map((entry) => this.#take(entry)) }
        : appendRefused(refusal);
    this.#outcomes.push({ waiting, outcome });
    if (waiting.facts === null) return;
    if (refusal === null) this.#facts.push(waiting.facts);
    else waiting.facts.drop();
  }

  /** Applies retention to a stream without appends, whose messages may be too old. */
  touch(stream: StreamState): void {
    this.#draftOf(stream.destination);
  }

  /** Applies retention and returns the write set. @param facts those that no append brought */
  changes(facts: Changes['facts']): Changes {
    for (const draft of this.#drafts.values()) this.#trim(draft);
    this.#trimAll();
    const changed = [...this.#drafts.values()].filter(isChanged);
    this.#victims = this.#chooseVictims();
    return {
      dormant: this.#victims.map(({ id, destination, head, terms }) => {
        return { id, destination, head, terms };
      }),
      facts: this.#withAppended(facts),
      forgotten: this.#forgotten,
      removals: removalsOf(changed),
      streams: changed.map(({ stream, head, oldest, bytes }) => {
        return { id: stream.id, destination: stream.destination, head, oldest, bytes };
      }),
      terms: termsOf(changed),
      writes: this.#writes,
    };
  }

  /** The commit is on disk: the drafts become the streams. Returns the publications to deliver. */
  succeeded(): readonly Publication[] {
    const { now, table } = this.#options;
    for (const draft of this.#drafts.values()) {
      if (draft.isNew || isChanged(draft)) table.committed(draft.stream, draft, now);
    }
    for (const stream of this.#victims) table.forget(stream);
    for (const facts of this.#facts) facts.apply();
    return this.#batch;
  }

  /** The commit failed, and the streams stay as they were. */
  failed(): void {
    if (this.#hasOrdered) this.#options.table.resetOrder();
  }

  /** Settles all appends of the group. */
  settle(): void {
    for (const { outcome, waiting } of this.#outcomes) waiting.settle(outcome);
  }

  #withAppended(facts: Changes['facts']): Changes['facts'] {
    if (this.#facts.length === 0) return facts;
    const all = new Map(facts);
    for (const { changes } of this.#facts) {
      for (const [name, value] of changes) all.set(name, value);
    }
    return all;
  }

  #take(entry: Entry): Appended {
    const { isKept, nextId } = this.#options;
    const { destination, isEphemeral = false, message } = entry;
    if (!isKept(entry)) {
      this.#batch.push({ id: nextId(), destination, message, offset: null, isEphemeral });
      return { type: 'committed', offset: null };
    }
    const deduplication = this.#duplicateOf(entry);
    if (deduplication !== null) return { type: 'duplicate', offset: deduplication.offset };
    return { type: 'committed', offset: this.#write(this.#draftOf(destination), entry) };
  }

  #write(draft: Draft, { message, deduplication }: Entry): number {
    const { now, store } = this.#options;
    draft.head += 1;
    const { head: offset, stream } = draft;
    const term = store.terms.present;
    if (draft.terms.uses.at(-1)?.term !== term) {
      draft.terms = withUse(draft.terms, { term, first: offset });
    }
    const record = packMessage({ at: now, message, deduplication, term }, stream.id, offset);
    draft.bytes += record.length;
    draft.outlines.push({ at: now, bytes: record.length, deduplicationId: deduplication?.id });
    this.#writes.push({ streamId: stream.id, offset, record, deduplicationId: deduplication?.id });
    this.#batch.push(publicationOf(stream, offset, { message, term }));
    if (deduplication !== undefined)
      draft.said.set(deduplication.id, { offset, digest: deduplication.digest });
    return offset;
  }

  #duplicateOf({ destination, deduplication }: Entry): Duplicate | null {
    if (deduplication === undefined) return null;
    const said = this.#drafts.get(destination)?.said.get(deduplication.id);
    if (said !== undefined)
      return { offset: said.offset, isSame: said.digest === deduplication.digest };
    const stream = this.#options.table.get(destination);
    return stream === undefined ? null : this.#keptDuplicate(stream, deduplication);
  }

  #keptDuplicate({ head, id: streamId, oldest }: StreamState, { id, digest }: DeduplicationKey) {
    const { limits, now, store } = this.#options;
    const offset = store.duplicateOf(streamId, id);
    if (offset === undefined) return null;
    if (offset < Math.max(oldest, head - limits.deduplicationCount + 1)) return null;
    const [kept] = store.read(streamId, { from: offset, end: offset + 1, limit: 1 });
    // The index has no checksums, so the message at the position has to confirm the id.
    if (kept?.deduplication?.id !== id || kept.at < now - limits.deduplicationSeconds * 1_000)
      return null;
    return { offset, isSame: kept.deduplication.digest === digest };
  }

  #draftOf(destination: string): Draft {
    const known = this.#drafts.get(destination);
    if (known !== undefined) return known;
    const { table } = this.#options;
    const kept = table.get(destination);
    const stream = kept ?? table.create(destination);
    const isNew = kept === undefined;
    if (!this.#hasMessages(destination)) this.#busyStreams += 1;
    const { bytes, head, oldest, terms } = stream;
    const said: Draft['said'] = new Map();
    // Fields one by one: V8 gives each copy with `...` a shape of its own.
    const draft: Draft = { stream, isNew, said, outlines: [], head, oldest, bytes, terms };
    this.#drafts.set(destination, draft);
    return draft;
  }

  #trim(draft: Draft): void {
    const { historyBytes, historyCount } = this.#options.limits;
    // A commit may always remove as many as it writes, so that a room stays in its limits under load.
    let must = draft.outlines.length;
    let left = REMOVALS_MAX + must;
    const isOver = () => draft.head - draft.oldest + 1 > historyCount || draft.bytes > historyBytes;
    while (left > 0 && draft.oldest <= draft.head && (isOver() || this.#isTooOld(draft))) {
      if (must <= 0 && this.#hasReadEnough) return;
      this.#dropOldest(draft);
      left -= 1;
      must -= 1;
    }
  }

  /** Removes the oldest messages over all streams until the others fit on the disk. */
  #trimAll(): void {
    const { limits, table } = this.#options;
    const { order } = table;
    let bytes = table.bytes;
    for (const draft of this.#drafts.values()) {
      bytes += diskBytesOf(draft) - (draft.isNew ? 0 : diskBytesOf(draft.stream));
    }
    let left = REMOVALS_MAX + this.#writes.length;
    for (; left > 0 && bytes > limits.storeBytesMax; left -= 1) {
      const stream = order.first();
      if (stream === undefined || this.#hasReadEnough) return;
      this.#hasOrdered = true;
      const draft = this.#draftOf(stream.destination);
      if (draft.oldest > draft.head) order.remove(stream);
      else if (order.isFirst(this.#outlineOf(draft, draft.oldest)?.at ?? 0)) {
        bytes -= diskBytesOf(draft);
        this.#dropOldest(draft);
        bytes += diskBytesOf(draft);
      }
    }
  }

  /** Streams without messages that make room for new ones, those without for longest first. */
  #chooseVictims(): StreamState[] {
    const { limits, table } = this.#options;
    let excess = table.size - limits.streamsMax;
    for (const { isNew } of this.#drafts.values()) if (isNew) excess += 1;
    const victims: StreamState[] = [];
    for (const stream of table.empty()) {
      if (victims.length >= excess) break;
      if (!this.#drafts.has(stream.destination)) victims.push(stream);
    }
    return victims;
  }

  #hasMessages(destination: string): boolean {
    const stream = this.#options.table.get(destination);
    return stream !== undefined && stream.oldest <= stream.head;
  }

  #isTooOld(draft: Draft): boolean {
    const { limits, now } = this.#options;
    if (limits.historySeconds === 0) return false;
    const outline = this.#outlineOf(draft, draft.oldest);
    // A lost record must not keep the later ones from being removed.
    return outline === null || outline.at < now - limits.historySeconds * 1_000;
  }

  #dropOldest(draft: Draft): void {
    this.#forget(draft, draft.oldest);
    draft.oldest += 1;
    // The size of a lost record is not known.
    if (draft.oldest > draft.head) draft.bytes = 0;
  }

  #forget(draft: Draft, offset: number): void {
    const outline = this.#outlineOf(draft, offset);
    if (outline === null) return;
    const { bytes, deduplicationId } = outline;
    const { id: streamId } = draft.stream;
    draft.bytes -= bytes;
    if (deduplicationId === undefined) return;
    // A later message may have used the id again.
    const newest =
      draft.said.get(deduplicationId)?.offset ??
      this.#options.store.duplicateOf(streamId, deduplicationId);
    if (newest === offset) this.#forgotten.push({ streamId, deduplicationId });
  }

  #outlineOf({ outlines, stream }: Draft, offset: number): Outline | null {
    const written = outlines[offset - stream.head - 1];
    if (written !== undefined) return written;
    const outline = this.#options.store.outline(stream.id, offset);
    this.#readBytes += outline?.bytes ?? 0;
    return outline;
  }

  get #hasReadEnough(): boolean {
    return this.#readBytes > READ_BYTES_MAX;
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
