// The rooms' file: an LMDB environment with a database each for messages (by stream and position),
// positions (by stream and message id), streams and their terms (by stream number), facts (by
// name), and the state of the file. A commit settles when it is on disk. A read uses one snapshot,
// and leaves nothing open. Every record has a checksum (seal.ts) except the positions by id: the
// message at the position confirms those.

import { randomBytes } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';
import { type TermHistory, Terms } from '../terms.ts';
import type { Changes } from './changes.ts';
import type { Damage } from './damage.ts';
import { DeduplicationIndex } from './deduplication-index.ts';
import { DormantStreams } from './dormant-streams.ts';
import { FileRoom } from './file-room.ts';
import { FileState, FORMAT, type WalState } from './file-state.ts';
import {
  packFact,
  packStream,
  packTerms,
  type StoredStream,
  unpackFact,
  unpackStream,
  unpackTerms,
} from './record.ts';
import { causeOf, makePrivate, makeRoom, openEnvironment } from './room-environment.ts';
import { idOf, keyOf } from './stream-key.ts';
import { streamsAfter } from './streams-after.ts';

type Key = [streamId: number, offset: number];

export interface RoomFileOptions {
  readonly damage: Damage;
  /** The most dormant streams that are remembered. */
  readonly dormantMax: number;
  /** The life of a new file; default: a random one. */
  readonly life?: string;
}

interface Parts {
  readonly damage: Damage;
  readonly dormantMax: number;
  readonly room: FileRoom;
  readonly root: RootDatabase;
  readonly state: FileState;
  readonly terms: Terms;
}

export class RoomFile {
  readonly dormant: DormantStreams;
  /** The life of the file, and its terms. The present term began when the file was opened. */
  readonly terms: Terms;
  readonly #damage: Damage;
  readonly #dormantMax: number;
  readonly #facts: Database<Buffer, Buffer>;
  readonly #messages: Database<Buffer, Key>;
  readonly #deduplication: DeduplicationIndex;
  readonly #room: FileRoom;
  readonly #root: RootDatabase;
  readonly #state: FileState;
  readonly #streamTerms: Database<Buffer, Buffer>;
  readonly #streams: Database<Buffer, Buffer>;

  private constructor({ damage, dormantMax, room, root, state, terms }: Parts) {
    this.terms = terms;
    this.#room = room;
    this.#root = root;
    this.#state = state;
    this.#damage = damage;
    this.#dormantMax = dormantMax;
    this.dormant = new DormantStreams(root, state, damage);
    this.#messages = root.openDB({ name: 'messages', encoding: 'binary' });
    this.#deduplication = new DeduplicationIndex(root);
    // A key of plain bytes can always be decoded, so a damaged key hides no other records.
    const sealed = { encoding: 'binary', keyEncoding: 'binary' } as const;
    this.#facts = root.openDB({ name: 'facts', ...sealed });
    this.#streams = root.openDB({ name: 'streams', ...sealed });
    this.#streamTerms = root.openDB({ name: 'terms', ...sealed });
  }

  /** Opens or creates the file. Rejects if its format is unknown, or if it cannot be written. */
  static async open(path: string, options: RoomFileOptions): Promise<RoomFile> {
    const { damage, dormantMax, life: given } = options;
    for (const file of [path, `${path}-lock`]) await makePrivate(file);
    const root = openEnvironment(path);
    const room = await FileRoom.open(path);
    try {
      const state = new FileState(root, damage);
      const format = state.format();
      if (format !== null && format !== FORMAT) {
        const is = JSON.stringify(format);
        throw new Error(`${path} is of format ${is}, and this version reads 1 to ${FORMAT}`);
      }
      const life = state.life() ?? given ?? randomBytes(6).toString('hex');
      const terms = new Terms(life, state.terms());
      await makeRoom(root, room, []);
      state.begin(life, terms.all);
      return new RoomFile({ damage, dormantMax, room, root, state, terms });
    } catch (error) {
      await room.close();
      await root.close();
      throw error;
    }
  }

  /** The write-ahead log (WAL) that the last process left; `null`: all of it is in the file. */
  wal(): ReturnType<FileState['wal']> {
    return this.#state.wal();
  }

  /** Records the WAL that continues the file; `null`: none. Throws if that cannot be written. */
  keepWal(wal: WalState | null): void {
    this.#state.keepWal(wal);
  }

  /** All undamaged facts. */
  facts(): Map<string, string> {
    const facts = new Map<string, string>();
    for (const { key, value } of this.#facts.getRange()) {
      const name = key.toString();
      const fact = unpackFact(value, name);
      if (fact === null) this.#damage.found({ fact: name });
      else facts.set(name, fact);
    }
    return facts;
  }

  /** All undamaged streams, except dormant ones. */
  streams(): StoredStream[] {
    const streams: StoredStream[] = [];
    for (const { key, value } of this.#streams.getRange()) {
      const id = idOf(key);
      const stream = unpackStream(value, id);
      if (stream === null) this.#damage.found({ stream: id });
      else streams.push(stream);
    }
    return streams;
  }

  /** The terms of each stream. */
  streamTerms(): Map<number, TermHistory> {
    const all = new Map<number, TermHistory>();
    for (const { key, value } of this.#streamTerms.getRange()) {
      const id = idOf(key);
      const terms = unpackTerms(value, id);
      if (terms === null) this.#damage.found({ termsOfStream: id });
      else all.set(id, terms);
    }
    return all;
  }

  /** The highest stream number in the file, including those of damaged streams and of messages. */
  lastStreamId(): number {
    let last = this.dormant.lastStreamId;
    for (const key of this.#streams.getKeys()) last = Math.max(last, idOf(key));
    try {
      for (const [id] of this.#messages.getKeys({ reverse: true, limit: 1 })) {
        if (Number.isSafeInteger(id)) last = Math.max(last, id);
      }
    } catch {
      // The key is damaged, so its message cannot be found anyway.
    }
    return last;
  }

  /**
   * Applies commits in order, and stores the log position that the file has reached. If that fails,
   * nothing has changed, and the promise rejects with the cause.
   */
  async commit(commits: readonly Changes[], wal: WalState | null): Promise<void> {
    await makeRoom(this.#root, this.#room, commits, this.#deduplication.pages);
    const promises = new Set<Promise<unknown>>();
    const facts = new Map(commits.flatMap((commit) => [...commit.facts]));
    const { streams, terms } = streamsAfter(commits);
    const dormant = commits.flatMap((commit) => commit.dormant);
    promises.add(
      this.#root.batch(() => {
        for (const commit of commits) this.#keep(commit, streams, promises);
        for (const [name, value] of facts) {
          const key = Buffer.from(name);
          promises.add(change(this.#facts, key, value === null ? null : packFact(name, value)));
        }
        for (const [id, stream] of streams) {
          const record = stream === null ? null : packStream(stream);
          promises.add(change(this.#streams, keyOf(id), record));
        }
        for (const [id, history] of terms) {
          const record = history === null ? null : packTerms(history, id);
          promises.add(change(this.#streamTerms, keyOf(id), record));
        }
        for (const promise of this.dormant.put(dormant, this.#dormantMax)) promises.add(promise);
        for (const promise of this.#state.putWal(wal)) promises.add(promise);
      }),
    );
    // All promises have the same outcome, but each needs a handler for its rejection.
    const settled = await Promise.allSettled(promises);
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw await causeOf(failed.reason);
  }

  /**
   * The record at a position, valid until the next call; `undefined`: none is kept. The buffer is
   * longer than its `length` says, because lmdb reuses one buffer for all reads.
   */
  record(streamId: number, offset: number): Buffer | undefined {
    try {
      return this.#messages.getBinaryFast([streamId, offset]);
    } catch {
      return undefined;
    }
  }

  /** The position of the newest message with this deduplication id. The message may be gone. */
  duplicateOf(streamId: number, deduplicationId: string): number | undefined {
    return this.#deduplication.get(streamId, deduplicationId);
  }

  async close(): Promise<void> {
    await this.#room.close();
    await this.#root.close();
  }

  /** @param streams their state after all commits: messages that are removed by then are skipped */
  #keep(
    { forgotten, removals, writes }: Changes,
    streams: ReadonlyMap<number, StoredStream | null>,
    promises: Set<Promise<unknown>>,
  ): void {
    for (const { offset, record, deduplicationId, streamId } of writes) {
      if (offset < (streams.get(streamId)?.oldest ?? 0)) continue;
      promises.add(this.#messages.put([streamId, offset], record));
      if (deduplicationId === undefined) continue;
      promises.add(this.#deduplication.put(streamId, deduplicationId, offset));
    }
    for (const { streamId, from, to } of removals) {
      for (let at = from; at < to; at += 1) promises.add(this.#messages.remove([streamId, at]));
    }
    for (const { deduplicationId, streamId } of forgotten) {
      promises.add(this.#deduplication.remove(streamId, deduplicationId));
    }
  }
}

/** Puts a record under the key; `null` removes the present one. */
function change(database: Database<Buffer, Buffer>, key: Buffer, record: Buffer | null) {
  return record === null ? database.remove(key) : database.put(key, record);
}
