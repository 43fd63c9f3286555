// Applies the limits of retention to the streams of one commit, and to all streams together. A commit
// does a bounded part of the work; the next one continues.

import type { DeduplicationLimits } from '../deduplication.ts';
import type { Retention } from '../stream.ts';
import type { Forgotten } from './changes.ts';
import type { Outline, RoomStore } from './room-store.ts';
import type { Draft, StreamDrafts } from './stream-drafts.ts';
import { diskBytesOf, type StreamTable } from './stream-table.ts';

export interface GroupLimits extends DeduplicationLimits, Retention {
  /** The approximate bytes on disk of all streams; beyond them the oldest messages are removed. */
  readonly storeBytesMax: number;
  /** The most streams; those with messages cannot make room for others (`STORE_FULL`). */
  readonly streamsMax: number;
}

export interface GroupRetentionOptions {
  readonly drafts: StreamDrafts;
  readonly limits: GroupLimits;
  readonly now: number;
  readonly store: RoomStore;
  readonly table: StreamTable;
}

/**
 * The most messages of a stream that one commit removes beyond the number that it writes, and the most
 * that it reads to find the oldest of all.
 */
const REMOVALS_MAX = 1_024;
/** The most bytes of records that one commit reads for that, because large ones take longer. */
const READ_BYTES_MAX = 8 * 1_024 * 1_024;

export class GroupRetention {
  /** The ids whose messages were removed. */
  readonly forgotten: Forgotten[] = [];
  readonly #options: GroupRetentionOptions;
  /** True: the order of the streams was changed as if the commit had succeeded. */
  #hasOrdered = false;
  #readBytes = 0;

  constructor(options: GroupRetentionOptions) {
    this.#options = options;
  }

  /** @param written the number of messages that the commit writes */
  apply(written: number): void {
    for (const draft of this.#options.drafts.all()) this.#trim(draft);
    this.#trimAll(written);
  }

  /** The commit failed, and the streams stay as they were. */
  undo(): void {
    if (this.#hasOrdered) this.#options.table.resetOrder();
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
  #trimAll(written: number): void {
    const { drafts, limits, table } = this.#options;
    const { order } = table;
    let bytes = table.bytes;
    for (const draft of drafts.all()) {
      bytes += diskBytesOf(draft) - (draft.isNew ? 0 : diskBytesOf(draft.stream));
    }
    let left = REMOVALS_MAX + written;
    for (; left > 0 && bytes > limits.storeBytesMax; left -= 1) {
      const stream = order.first();
      if (stream === undefined || this.#hasReadEnough) return;
      this.#hasOrdered = true;
      const draft = drafts.open(stream.destination);
      if (draft.oldest > draft.head) order.remove(stream);
      else if (order.isFirst(this.#outlineOf(draft, draft.oldest)?.at ?? 0)) {
        bytes -= diskBytesOf(draft);
        this.#dropOldest(draft);
        bytes += diskBytesOf(draft);
      }
    }
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
    if (newest === offset) this.forgotten.push({ streamId, deduplicationId });
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
