// The files of the embedded engine: an LMDB environment with a database for messages, by stream and
// position, for positions, by stream and id of the message, for streams, by number, for facts, by
// name, and for what the file is. A commit settles when it is on disk; a read looks at one moment,
// and holds nothing open afterwards.

import { createHash, randomBytes } from 'node:crypto';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { HistoryQuery } from './engine.ts';
import {
  packStream,
  type StoredMessage,
  type StoredStream,
  unpackMessage,
  unpackStream,
} from './record.ts';

/** What is on disk is read by this format only. */
const FORMAT = 1;

/** A record to keep at a position. */
export interface Write {
  readonly streamId: number;
  readonly offset: number;
  readonly record: Buffer;
  /** What a repeat of it would be known by. */
  readonly repeatId: string | undefined;
}

/** An id that stands for no message any more. */
export interface Forgotten {
  readonly streamId: number;
  readonly repeatId: string;
}

/** What there is to know of a record without its message. */
export interface Outline {
  readonly at: number;
  readonly bytes: number;
  readonly repeatId: string | undefined;
}

/** Positions to forget, `to` not among them. */
export interface Removal {
  readonly streamId: number;
  readonly from: number;
  readonly to: number;
}

/** What one commit does, whole or not at all. */
export interface Changes {
  /** Facts that changed; `null` forgets one. */
  readonly facts: ReadonlyMap<string, string | null>;
  readonly forgotten: readonly Forgotten[];
  readonly removals: readonly Removal[];
  readonly streams: readonly StoredStream[];
  readonly writes: readonly Write[];
}

/** A message with its position. */
export interface Positioned extends StoredMessage {
  readonly offset: number;
}

type Key = [streamId: number, offset: number];
type RepeatIndexKey = [streamId: number, repeatId: string];

export class RoomStore {
  /** Names the life of these files. */
  readonly epoch: string;
  readonly #facts: Database<string, string>;
  readonly #messages: Database<Buffer, Key>;
  readonly #repeats: Database<number, RepeatIndexKey>;
  readonly #root: RootDatabase;
  readonly #streams: Database<Buffer, number>;

  private constructor(root: RootDatabase, epoch: string) {
    this.#root = root;
    this.epoch = epoch;
    this.#facts = root.openDB({ name: 'facts', encoding: 'string' });
    this.#messages = root.openDB({ name: 'messages', encoding: 'binary' });
    this.#repeats = root.openDB({ name: 'repeats', encoding: 'ordered-binary' });
    this.#streams = root.openDB({ name: 'streams', encoding: 'binary' });
  }

  /** Opens the file, or makes it. Rejects where it is none of ours or cannot be written. */
  static async open(path: string): Promise<RoomStore> {
    const root = open({
      path,
      noSubdir: true,
      cache: false,
      // A commit would hand out promises of its own otherwise, whose failure nobody hears.
      eventTurnBatching: false,
      maxDbs: 5,
      // `batch` settles when the commit is on disk, not before.
      overlappingSync: false,
    });
    const about = root.openDB<number | string, string>({ name: 'about', encoding: 'json' });
    const format = about.get('format');
    if (format !== undefined && format !== FORMAT) {
      await root.close();
      throw new Error(`${path} is of format ${format}, and this version reads ${FORMAT}`);
    }
    let epoch = about.get('epoch');
    if (typeof epoch !== 'string') {
      const made = randomBytes(6).toString('hex');
      about.transactionSync(() => {
        about.putSync('format', FORMAT);
        about.putSync('epoch', made);
      });
      epoch = made;
    }
    return new RoomStore(root, epoch);
  }

  /** All facts there are. */
  facts(): (readonly [name: string, value: string])[] {
    return [...this.#facts.getRange()].map(({ key, value }) => [key, value]);
  }

  /** All streams there are. */
  streams(): StoredStream[] {
    return [...this.#streams.getRange()].map(({ key, value }) => unpackStream(key, value));
  }

  /** Rejects with the cause if nothing of it could be written. */
  async commit({ facts, forgotten, removals, streams, writes }: Changes): Promise<void> {
    const promises = new Set<Promise<unknown>>();
    promises.add(
      this.#root.batch(() => {
        for (const { offset, record, repeatId, streamId } of writes) {
          promises.add(this.#messages.put([streamId, offset], record));
          if (repeatId === undefined) continue;
          promises.add(this.#repeats.put(repeatIndexKey(streamId, repeatId), offset));
        }
        // After the writes: what is over the limits at once is not kept at all.
        for (const { streamId, from, to } of removals) {
          for (let at = from; at < to; at += 1) promises.add(this.#messages.remove([streamId, at]));
        }
        for (const { repeatId, streamId } of forgotten) {
          promises.add(this.#repeats.remove(repeatIndexKey(streamId, repeatId)));
        }
        for (const [name, value] of facts) {
          promises.add(value === null ? this.#facts.remove(name) : this.#facts.put(name, value));
        }
        for (const stream of streams)
          promises.add(this.#streams.put(stream.id, packStream(stream)));
      }),
    );
    // All of them settle alike; each must have somebody who listens.
    const settled = await Promise.allSettled(promises);
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw await causeOf(failed.reason);
  }

  /** Messages from a position on, in either direction, before `end`, as `HistoryQuery` bounds them. */
  read(
    streamId: number,
    range: { readonly from: number; readonly end: number } & Pick<
      HistoryQuery,
      'bytesMax' | 'limit'
    >,
  ): Positioned[] {
    const { bytesMax = Number.POSITIVE_INFINITY, end, from, limit } = range;
    const step = end < from ? -1 : 1;
    const messages: Positioned[] = [];
    let bytes = 0;
    // One by one: a cursor would copy each record, and read its key again.
    for (let offset = from; offset !== end && messages.length < limit; offset += step) {
      const record = this.#messages.getBinaryFast([streamId, offset]);
      if (record === undefined) continue;
      bytes += record.length;
      if (bytes > bytesMax && messages.length > 0) break;
      messages.push({ offset, ...unpackMessage(record) });
    }
    return messages;
  }

  /** `null`: there is no record. */
  outline(streamId: number, offset: number): Outline | null {
    const record = this.#messages.getBinaryFast([streamId, offset]);
    if (record === undefined) return null;
    const bytes = record.length;
    const { at, repeat } = unpackMessage(record);
    return { at, bytes, repeatId: repeat?.id };
  }

  /** The position of the newest message with this id, which may be one that is forgotten. */
  repeatOf(streamId: number, repeatId: string): number | undefined {
    return this.#repeats.get(repeatIndexKey(streamId, repeatId));
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}

/** Most ids stand for themselves; what is longer than a key may be, or no plain text, does not. */
function repeatIndexKey(streamId: number, repeatId: string): RepeatIndexKey {
  if (/^[\w-]{1,64}$/.test(repeatId)) return [streamId, repeatId];
  return [streamId, `=${createHash('sha256').update(repeatId).digest('base64')}`];
}

/** lmdb says only that a commit failed, and keeps the reason in a promise of its own. */
async function causeOf(error: unknown): Promise<Error> {
  const reason: unknown = error instanceof Error ? Reflect.get(error, 'commitError') : null;
  const cause = await Promise.resolve(reason).catch((rejected: unknown) => rejected);
  return new Error('the store could not be written', { cause: cause ?? error });
}
