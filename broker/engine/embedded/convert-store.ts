// Converts the store of an earlier version, which had no checksums and no terms. A new file is
// written beside the old one, some records at a time, and takes its place when all of it is on disk.
// Until then the old files are only read: if the process ends in the middle, they are as they were,
// and the next start begins again. Meanwhile the disk needs room for both files.

import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { isCredential } from '../../../shared/credentials.ts';
import type { Log } from '../../log.ts';
import type { Changes, Write } from './changes.ts';
import type { Damage } from './damage.ts';
import { FileState, FORMAT, type WalState } from './file-state.ts';
import {
  type OldChanges,
  unpackOldChanges,
  unpackOldMessage,
  unpackOldStream,
} from './old-format.ts';
import { packMessage, type StoredStream } from './record.ts';
import { RoomFile } from './room-file.ts';
import { syncFolder } from './sync-folder.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

export interface ConversionOptions {
  readonly damage: Damage;
  readonly log: Log;
  /** The path of the write-ahead log (WAL), which need not be there. */
  readonly wal: string;
  /** The path of the rooms' file, which need not be there. */
  readonly path: string;
}

/** The most records, and the most bytes of them, that one transaction writes. */
const BATCH = 1_024;
const BATCH_BYTES = 1_024 * 1_024;

const NOTHING: Changes = {
  dormant: [],
  facts: new Map(),
  forgotten: [],
  removals: [],
  streams: [],
  terms: [],
  writes: [],
};

/** Does nothing if there is no file, or if the file needs no conversion. Rejects if it fails. */
export async function convertStore(options: ConversionOptions): Promise<void> {
  const { damage, wal, log, path } = options;
  const converted = `${path}-converted`;
  await removeFile(converted);
  const old = await openOld(path, damage);
  if (old === null) return;
  try {
    log.info({}, 'the store was written by an earlier version: it is converted');
    const file = await RoomFile.open(converted, { damage, dormantMax: 0, life: old.life });
    try {
      const blocks = await blocksOf(wal, old.wal);
      await new Conversion(old.root, file, blocks, options).run();
    } finally {
      await file.close();
    }
  } catch (error) {
    await removeFile(converted);
    throw error;
  } finally {
    await old.root.close();
  }
  await rename(converted, path);
  await syncFolder(dirname(path));
  // The WAL and the lock belong to the old file, and the new one needs neither.
  await Promise.all([wal, `${path}-lock`, `${converted}-lock`].map(removeOne));
  log.info({}, 'the store is converted');
}

interface OldStore {
  readonly root: RootDatabase;
  readonly life: string;
  /** `null`: all of it is in the file. */
  readonly wal: OldWalState | null;
}

/** `null`: there is nothing to convert. */
async function openOld(path: string, damage: Damage): Promise<OldStore | null> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size === 0) return null;
  const root = open({ path, noSubdir: true, readOnly: true, cache: false, maxDbs: 8 });
  try {
    const names = [...root.getKeys()];
    const about = names.includes('about') ? root.openDB({ name: 'about', encoding: 'json' }) : null;
    const isNew = names.includes('state') && new FileState(root, damage).format() === FORMAT;
    const format: unknown = about?.get('format');
    const life: unknown = about?.get('epoch');
    if (!isNew && (format === 1 || format === 2) && typeof life === 'string') {
      const wal: unknown = about?.get('journal');
      return { root, life, wal: isOldWalState(wal) ? wal : null };
    }
  } catch (error) {
    await root.close();
    throw error;
  }
  await root.close();
  return null;
}

/** The state of the WAL in JSON, as formats 1 and 2 have it. */
interface OldWalState {
  readonly identity: WalState['identity'];
  readonly mark: WalState['position'];
}

function isOldWalState(value: unknown): value is OldWalState {
  return typeof value === 'object' && value !== null && 'identity' in value && 'mark' in value;
}

async function blocksOf(path: string, state: OldWalState | null): Promise<OldChanges[]> {
  if (state === null) return [];
  const [wal, blocks] = await WriteAheadLog.read(path, state.identity, state.mark);
  await wal.close();
  return blocks.map(({ payload }) => unpackOldChanges(payload));
}

type Messages = Database<Buffer, [streamId: number, offset: number]>;

class Conversion {
  readonly #blocks: readonly OldChanges[];
  readonly #file: RoomFile;
  readonly #old: RootDatabase;
  readonly #options: ConversionOptions;
  /** The bytes of the records of each stream so far. */
  readonly #bytes = new Map<number, number>();
  readonly #streams: ReadonlyMap<number, StoredStream>;
  #batch: Write[] = [];
  #batchBytes = 0;

  constructor(
    old: RootDatabase,
    file: RoomFile,
    blocks: readonly OldChanges[],
    options: ConversionOptions,
  ) {
    this.#blocks = blocks;
    this.#file = file;
    this.#old = old;
    this.#options = options;
    this.#streams = this.#readStreams();
  }

  async run(): Promise<void> {
    const inWal = new Map<number, Map<number, Buffer>>();
    for (const [id, offset, record] of this.#blocks.flatMap(({ writes }) => writes)) {
      const records = inWal.get(id) ?? new Map<number, Buffer>();
      inWal.set(id, records.set(offset, record));
    }
    const messages: Messages = this.#old.openDB({ name: 'messages', encoding: 'binary' });
    // Each stream in order, so that the newest position of an id that was used again comes last.
    for (const { id, oldest, head } of this.#streams.values()) {
      const records = inWal.get(id);
      // The head may be damaged, so no loop may count up to it.
      const newest = Math.max(newestOf(messages, id), ...(records?.keys() ?? []));
      for (let offset = oldest; offset <= Math.min(head, newest); offset += 1) {
        const record = records?.get(offset) ?? messages.getBinary([id, offset]);
        await this.#take(id, offset, record);
      }
    }
    await this.#write();
    await this.#finish();
  }

  #readStreams(): Map<number, StoredStream> {
    const streams = new Map<number, StoredStream>();
    const old = this.#old.openDB<Buffer, number>({ name: 'streams', encoding: 'binary' });
    for (const { key, value } of old.getRange()) {
      const stream = unpackOldStream(value, key);
      if (stream === null) this.#options.damage.found({ stream: key });
      else streams.set(key, stream);
    }
    for (const stream of this.#blocks.flatMap((block) => block.streams)) {
      streams.set(stream.id, stream);
    }
    return streams;
  }

  async #take(streamId: number, offset: number, old: Buffer | undefined): Promise<void> {
    const message = old === undefined ? null : unpackOldMessage(old);
    if (message === null) {
      this.#options.damage.found({ stream: streamId, offset });
      return;
    }
    // Earlier versions also kept headers with credentials.
    const headers = message.message.headers.filter(([name]) => !isCredential(name));
    const cleaned = { ...message, message: { ...message.message, headers } };
    const term = this.#file.terms.present;
    const record = packMessage({ ...cleaned, term }, streamId, offset);
    this.#bytes.set(streamId, (this.#bytes.get(streamId) ?? 0) + record.length);
    this.#batch.push({ streamId, offset, record, deduplicationId: message.deduplication?.id });
    this.#batchBytes += record.length;
    if (this.#batch.length >= BATCH || this.#batchBytes >= BATCH_BYTES) await this.#write();
  }

  async #write(): Promise<void> {
    await this.#file.commit([{ ...NOTHING, writes: this.#batch }], null);
    this.#batch = [];
    this.#batchBytes = 0;
  }

  async #finish(): Promise<void> {
    const all = [...this.#streams.values()];
    const streams = all.map((stream) => {
      return { ...stream, bytes: this.#bytes.get(stream.id) ?? 0 };
    });
    const term = this.#file.terms.present;
    const terms = all.map(({ id, oldest }) => {
      return { streamId: id, terms: { isWhole: false, uses: [{ term, first: oldest }] } };
    });
    await this.#file.commit([{ ...NOTHING, facts: this.#facts(), streams, terms }], null);
  }

  #facts(): Map<string, string> {
    const old = this.#old.openDB<string, string>({ name: 'facts', encoding: 'string' });
    const facts = new Map([...old.getRange()].map(({ key, value }) => [key, value]));
    for (const [name, value] of this.#blocks.flatMap((block) => block.facts)) {
      if (value === null) facts.delete(name);
      else facts.set(name, value);
    }
    return facts;
  }
}

/** 0: the stream has no messages. */
function newestOf(messages: Messages, streamId: number): number {
  const start: [number, number] = [streamId, Number.MAX_SAFE_INTEGER];
  const [key] = messages.getKeys({ start, end: [streamId, 0], reverse: true, limit: 1 });
  return key?.[1] ?? 0;
}

async function removeFile(path: string): Promise<void> {
  await Promise.all([path, `${path}-lock`].map(removeOne));
}

function removeOne(path: string): Promise<void> {
  return rm(path, { force: true });
}
