// The appends of one commit, with a draft of each stream that they touch. The streams themselves
// change when the commit has succeeded, and not at all if it fails.

import type { Waiting } from '../append-queue.ts';
import type { Duplicate } from '../deduplication.ts';
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
import { withUse } from '../terms.ts';
import type { Changes, Write } from './changes.ts';
import { type GroupLimits, GroupRetention } from './group-retention.ts';
import { packMessage, publicationOf } from './record.ts';
import type { RoomStore } from './room-store.ts';
import { type Draft, StreamDrafts } from './stream-drafts.ts';
import type { StreamState, StreamTable } from './stream-table.ts';

export interface GroupOptions {
  readonly isKept: (entry: Entry) => boolean;
  readonly limits: GroupLimits;
  readonly nextId: () => string;
  readonly now: number;
  readonly store: RoomStore;
  readonly table: StreamTable;
}

export class CommitGroup {
  readonly #batch: Publication[] = [];
  readonly #drafts: StreamDrafts;
  /** The facts of the lists that are appended. */
  readonly #facts: PendingFacts[] = [];
  readonly #known: KnownStreams = {
    room: () => this.#options.limits.streamsMax - this.#drafts.busyStreams,
    // A stream without messages makes room for others, so it needs room to get a message.
    has: (destination) => this.#drafts.isBusy(destination),
    isKept: (entry) => this.#options.isKept(entry),
    isTaken: (entry) => this.#duplicateOf(entry)?.isSame === false,
  };
  readonly #options: GroupOptions;
  readonly #outcomes: { readonly waiting: Waiting; readonly outcome: AppendOutcome }[] = [];
  readonly #retention: GroupRetention;
  readonly #writes: Write[] = [];
  #victims: StreamState[] = [];

  constructor(options: GroupOptions) {
    this.#options = options;
    const { limits, now, store, table } = options;
    const drafts = new StreamDrafts(table);
    this.#drafts = drafts;
    this.#retention = new GroupRetention({ drafts, limits, now, store, table });
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
    this.#drafts.open(stream.destination);
  }

  /** Applies retention and returns the write set. @param facts those that no append brought */
  changes(facts: Changes['facts']): Changes {
    this.#retention.apply(this.#writes.length);
    this.#victims = this.#drafts.chooseVictims(this.#options.limits.streamsMax);
    const { removals, streams, terms } = this.#drafts.changes();
    return {
      dormant: this.#victims.map(({ id, destination, head, terms: known }) => {
        return { id, destination, head, terms: known };
      }),
      facts: this.#withAppended(facts),
      forgotten: this.#retention.forgotten,
      removals,
      streams,
      terms,
      writes: this.#writes,
    };
  }

  /** The commit is on disk: the drafts become the streams. Returns the publications to deliver. */
  succeeded(): readonly Publication[] {
    const { now, table } = this.#options;
    this.#drafts.succeeded(now);
    for (const stream of this.#victims) table.forget(stream);
    for (const facts of this.#facts) facts.apply();
    return this.#batch;
  }

  /** The commit failed, and the streams stay as they were. */
  failed(): void {
    this.#retention.undo();
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
    return { type: 'committed', offset: this.#write(this.#drafts.open(destination), entry) };
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
}
