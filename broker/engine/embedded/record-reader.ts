// Reads records of messages from the write-ahead log's backlog and from the rooms' file, and notes which
// of them are damaged.

import type { HistoryQuery } from '../engine.ts';
import type { Backlog } from './backlog.ts';
import type { Damage } from './damage.ts';
import { type StoredMessage, unpackMessage } from './record.ts';
import type { RoomFile } from './room-file.ts';

/** A record without its message. */
export interface Outline {
  readonly at: number;
  readonly bytes: number;
  readonly deduplicationId: string | undefined;
}

/** A message with its position. */
export interface Positioned extends StoredMessage {
  readonly offset: number;
}

/** Positions to read, in either direction, from `from` to before `end`, as `HistoryQuery` bounds them. */
export interface Range extends Pick<HistoryQuery, 'bytesMax' | 'limit'> {
  readonly from: number;
  readonly end: number;
}

interface RecordSources {
  readonly backlog: Backlog;
  readonly damage: Damage;
  readonly file: RoomFile;
}

export class RecordReader {
  /** The newest position of each stream that is known to be damaged. */
  readonly #lost = new Map<number, number>();
  readonly #sources: RecordSources;

  constructor(sources: RecordSources) {
    this.#sources = sources;
  }

  /** Reads a range. Damaged records are skipped, and `lostIn` knows of them afterwards. */
  read(streamId: number, range: Range): Positioned[] {
    const { bytesMax = Number.POSITIVE_INFINITY, end, from, limit } = range;
    const step = end < from ? -1 : 1;
    const messages: Positioned[] = [];
    let bytes = 0;
    // Record by record, because a cursor would copy each record and decode its key.
    for (let offset = from; offset !== end && messages.length < limit; offset += step) {
      const record = this.#record(streamId, offset);
      const message = record === undefined ? null : unpackMessage(record, streamId, offset);
      if (record === undefined || message === null) {
        this.#isLost(streamId, offset);
        continue;
      }
      bytes += record.length;
      if (bytes > bytesMax && messages.length > 0) break;
      const { at, deduplication, term } = message;
      messages.push({ offset, at, message: message.message, deduplication, term });
    }
    return messages;
  }

  /** The newest position of a stream whose record is known to be damaged; 0: none is. */
  lostIn(streamId: number): number {
    return this.#lost.get(streamId) ?? 0;
  }

  /** `null`: there is no record. A damaged record counts as older than all others. */
  outline(streamId: number, offset: number): Outline | null {
    const record = this.#record(streamId, offset);
    if (record === undefined) return null;
    const bytes = record.length;
    const message = unpackMessage(record, streamId, offset);
    if (message !== null)
      return { at: message.at, bytes, deduplicationId: message.deduplication?.id };
    this.#isLost(streamId, offset);
    return { at: Number.NEGATIVE_INFINITY, bytes, deduplicationId: undefined };
  }

  #record(streamId: number, offset: number): Buffer | undefined {
    const { backlog, file } = this.#sources;
    return backlog.record(streamId, offset) ?? file.record(streamId, offset);
  }

  #isLost(streamId: number, offset: number): void {
    this.#sources.damage.found({ stream: streamId, offset });
    if (offset > this.lostIn(streamId)) this.#lost.set(streamId, offset);
  }
}
