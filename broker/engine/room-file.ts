// The rooms' file: an LMDB environment with a database for messages, by stream and position, for
// positions, by stream and id of the message, for streams, by number, for facts, by name, and for
// what the file is. A commit settles when it is on disk; a read looks at one moment, and holds
// nothing open afterwards.

import { createHash, randomBytes } from 'node:crypto';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { Changes } from './changes.ts';
import { FileRoom } from './file-room.ts';
import type { JournalIdentity } from './journal.ts';
import type { Mark } from './journal-blocks.ts';
import { packStream, type StoredStream, unpackStream } from './record.ts';

/** What is on disk is written in this format; 1 knew no journal, and is read as well. */
const FORMAT = 2;

/** The journal that goes on where the file ends, and what of it is in the file. */
export interface JournalState {
  readonly identity: JournalIdentity;
  readonly mark: Mark;
}

type About = Database<JournalState | number | string, string>;
/** Of what lmdb tells about a database, and about the file. */
interface Stats {
  readonly lastPageNumber: number;
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
}

/** Pages that every transaction may write: its roots, and the list of free pages. */
const PAGES_MIN = 64;
/** The way down to both ends of a stream. */
const PAGES_OF_STREAM = 6;
/** Keys that a half full page has at least. */
const KEYS_OF_PAGE = 24;

type Key = [streamId: number, offset: number];
type RepeatIndexKey = [streamId: number, repeatId: string];

export class RoomFile {
  /** Names the life of the file. */
  readonly epoch: string;
  readonly #about: About;
  readonly #facts: Database<string, string>;
  readonly #messages: Database<Buffer, Key>;
  readonly #repeats: Database<number, RepeatIndexKey>;
  readonly #room: FileRoom;
  readonly #root: RootDatabase;
  readonly #streams: Database<Buffer, number>;

  private constructor(root: RootDatabase, about: About, epoch: string, room: FileRoom) {
    this.#root = root;
    this.#room = room;
    this.#about = about;
    this.epoch = epoch;
    this.#facts = root.openDB({ name: 'facts', encoding: 'string' });
    this.#messages = root.openDB({ name: 'messages', encoding: 'binary' });
    this.#repeats = root.openDB({ name: 'repeats', encoding: 'ordered-binary' });
    this.#streams = root.openDB({ name: 'streams', encoding: 'binary' });
  }

  /** Opens the file, or makes it. Rejects where it is none of ours or cannot be written. */
  static async open(path: string): Promise<RoomFile> {
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
    const about: About = root.openDB({ name: 'about', encoding: 'json' });
    const format = about.get('format') ?? FORMAT;
    if (format !== 1 && format !== FORMAT) {
      await root.close();
      throw new Error(
        `${path} is of format ${JSON.stringify(format)}, and this version reads 1 and ${FORMAT}`,
      );
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
    const file = new RoomFile(root, about, epoch, await FileRoom.open(path));
    try {
      await file.#makeRoom([]);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The journal of whoever wrote the file last; `null`: all of it is in the file. */
  journal(): JournalState | null {
    const state = this.#about.get('journal');
    return typeof state === 'object' ? state : null;
  }

  /** Notes down which journal goes on from here; `null`: none. Throws if it cannot be written. */
  keepJournal(state: JournalState | null): void {
    this.#about.transactionSync(() => {
      this.#about.putSync('format', FORMAT);
      if (state === null) this.#about.removeSync('journal');
      else this.#about.putSync('journal', state);
    });
  }

  /** All facts there are. */
  facts(): Map<string, string> {
    return new Map([...this.#facts.getRange()].map(({ key, value }) => [key, value]));
  }

  /** All streams there are. */
  streams(): StoredStream[] {
    return [...this.#streams.getRange()].map(({ key, value }) => unpackStream(key, value));
  }

  /**
   * Carries commits out, in their order, and notes what of the journal is in the file by then.
   * Rejects with the cause if nothing of it could be written.
   */
  async commit(commits: readonly Changes[], journal: JournalState): Promise<void> {
    await this.#makeRoom(commits);
    const promises = new Set<Promise<unknown>>();
    const facts = new Map(commits.flatMap((commit) => [...commit.facts]));
    const streams = new Map(
      commits.flatMap((commit) => commit.streams.map((stream) => [stream.id, stream])),
    );
    promises.add(
      this.#root.batch(() => {
        for (const commit of commits) this.#keep(commit, streams, promises);
        for (const [name, value] of facts) {
          promises.add(value === null ? this.#facts.remove(name) : this.#facts.put(name, value));
        }
        for (const [id, stream] of streams) {
          promises.add(this.#streams.put(id, packStream(stream)));
        }
        promises.add(this.#about.put('journal', journal));
      }),
    );
    // All of them settle alike; each must have somebody who listens.
    const settled = await Promise.allSettled(promises);
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw await causeOf(failed.reason);
  }

  /** The record at a position, until the next call; `undefined`: none is kept. */
  record(streamId: number, offset: number): Buffer | undefined {
    return this.#messages.getBinaryFast([streamId, offset]);
  }

  /** The position of the newest message with this id, which may be one that is forgotten. */
  repeatOf(streamId: number, repeatId: string): number | undefined {
    return this.#repeats.get(repeatIndexKey(streamId, repeatId));
  }

  async close(): Promise<void> {
    await this.#room.close();
    await this.#root.close();
  }

  /** LMDB must not be the one to find out that the file cannot be written (file-room.ts). */
  async #makeRoom(commits: readonly Changes[]): Promise<void> {
    // lmdb says in its documentation only what this is.
    const { lastPageNumber, pageSize } = this.#root.getStats() as Stats;
    const repeats = this.#repeats.getStats() as Stats;
    const repeatPages = repeats.treeBranchPageCount + repeats.treeLeafPageCount;
    let bytes = 0;
    let pages = PAGES_MIN;
    let keys = 0;
    let ids = 0;
    for (const { facts, forgotten, removals, streams, writes } of commits) {
      // Each stream is written at its end, and forgotten at its beginning.
      pages += facts.size + PAGES_OF_STREAM * streams.length;
      ids += forgotten.length;
      for (const { from, to } of removals) keys += to - from;
      for (const { record, repeatId } of writes) {
        bytes += record.length;
        keys += 1;
        if (repeatId !== undefined) ids += 1;
      }
    }
    // Ids are anywhere in their index, and all else is written side by side.
    pages += Math.min(ids, repeatPages) + Math.ceil((ids + keys) / KEYS_OF_PAGE);
    await this.#room.ensure((lastPageNumber + 1) * pageSize, pages * pageSize + 2 * bytes);
  }

  /** @param streams as they are after all commits: what is forgotten by then is not written at all */
  #keep(
    { forgotten, removals, writes }: Changes,
    streams: ReadonlyMap<number, StoredStream>,
    promises: Set<Promise<unknown>>,
  ): void {
    for (const { offset, record, repeatId, streamId } of writes) {
      if (offset < (streams.get(streamId)?.oldest ?? 0)) continue;
      promises.add(this.#messages.put([streamId, offset], record));
      if (repeatId === undefined) continue;
      promises.add(this.#repeats.put(repeatIndexKey(streamId, repeatId), offset));
    }
    for (const { streamId, from, to } of removals) {
      for (let at = from; at < to; at += 1) promises.add(this.#messages.remove([streamId, at]));
    }
    for (const { repeatId, streamId } of forgotten) {
      promises.add(this.#repeats.remove(repeatIndexKey(streamId, repeatId)));
    }
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
