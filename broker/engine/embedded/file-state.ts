// The rooms' file's own state: its format, the life of the store, its terms, and the write-ahead log
// (WAL) that continues where the file ends. Without these no room can be read, so each is stored twice,
// and a damaged copy does no harm.

import type { Database, RootDatabase } from 'lmdb';
import type { Term } from '../terms.ts';
import type { Damage } from './damage.ts';
import { nameKey, packSealed, unpackSealed } from './seal.ts';
import type { LogPosition } from './wal-blocks.ts';
import type { WalIdentity } from './write-ahead-log.ts';

/**
 * The format on disk. Format 1 had no WAL, and format 2 no checksums and no terms; both are converted
 * (convert-store.ts).
 */
export const FORMAT = 3;
/** The most databases in the file, with some to spare for later formats. */
export const DATABASES_MAX = 16;

/** The WAL that continues where the file ends, and the position up to which the file has it. */
export interface WalState {
  readonly identity: WalIdentity;
  readonly position: LogPosition;
}

/** The state of all dormant streams together. */
export interface Dormancy {
  /** The highest head of a forgotten stream. */
  readonly floor: number;
  /** The highest number of a dormant stream. */
  readonly lastStreamId: number;
}

type LifeFields = [format: number, life: string];
type WalFields = [bytes: number, seal: string, at: number, number: number, checksum: number];

export class FileState {
  /** Every version looks for the format here, before anything else. */
  readonly #about: Database<unknown, string>;
  readonly #damage: Damage;
  readonly #state: Database<Buffer, string>;

  constructor(root: RootDatabase, damage: Damage) {
    this.#about = root.openDB({ name: 'about', encoding: 'json' });
    this.#state = root.openDB({ name: 'state', encoding: 'binary' });
    this.#damage = damage;
  }

  /** `null`: the file is new. */
  format(): unknown {
    const life = this.#read<LifeFields>('life');
    if (life !== null) return life[0];
    return this.#about.get('format') ?? null;
  }

  /** `null`: the file has no life yet. */
  life(): string | null {
    return this.#read<LifeFields>('life')?.[1] ?? null;
  }

  terms(): Term[] {
    return this.#read<[Term[]]>('terms')?.[0] ?? [];
  }

  /** `null`: no WAL continues the file; `lost`: both copies of the state are damaged. */
  wal(): WalState | 'lost' | null {
    const fields = this.#read<WalFields | []>('journal');
    if (fields === null) return 'lost';
    if (fields.length === 0) return null;
    const [bytes, seal, at, number, checksum] = fields;
    return { identity: { bytes, seal }, position: { at, number, checksum } };
  }

  dormancy(): Dormancy {
    const [floor, lastStreamId] = this.#read<[number, number]>('dormancy') ?? [0, 0];
    return { floor, lastStreamId };
  }

  /** Writes as a part of a batch. */
  putDormancy({ floor, lastStreamId }: Dormancy): readonly Promise<unknown>[] {
    return this.#put('dormancy', [floor, lastStreamId]);
  }

  /** Writes the state of a file that was just opened. Throws if it cannot be written. */
  begin(life: string, terms: readonly Term[]): void {
    const isNew = this.life() === null;
    this.#state.transactionSync(() => {
      this.#about.putSync('format', FORMAT);
      const put = (name: string, record: Buffer) => this.#state.putSync(name, record);
      eachCopy('life', [FORMAT, life], put);
      eachCopy('terms', [terms], put);
      if (isNew) eachCopy('journal', [], put);
    });
  }

  /** Throws if it cannot be written. */
  keepWal(wal: WalState | null): void {
    this.#state.transactionSync(() => {
      const put = (name: string, record: Buffer) => this.#state.putSync(name, record);
      eachCopy('journal', walFields(wal), put);
    });
  }

  /** Writes as a part of a batch. */
  putWal(wal: WalState | null): readonly Promise<unknown>[] {
    return this.#put('journal', walFields(wal));
  }

  #put(name: string, fields: readonly unknown[]): readonly Promise<unknown>[] {
    const promises: Promise<unknown>[] = [];
    eachCopy(name, fields, (copy, record) => {
      promises.push(this.#state.put(copy, record));
    });
    return promises;
  }

  #read<Fields extends readonly unknown[]>(name: string): Fields | null {
    for (const copy of copiesOf(name)) {
      const record = this.#state.get(copy);
      if (record === undefined) continue;
      const fields = unpackSealed(record, nameKey(copy));
      // A record that passed the check under this name has these fields, and its checksum.
      if (fields !== null) return fields.slice(0, -1) as unknown as Fields;
      this.#damage.found({ state: copy });
    }
    return null;
  }
}

function walFields(wal: WalState | null): WalFields | [] {
  if (wal === null) return [];
  const { identity, position } = wal;
  return [identity.bytes, identity.seal, position.at, position.number, position.checksum];
}

function eachCopy(
  name: string,
  fields: readonly unknown[],
  put: (name: string, record: Buffer) => void,
): void {
  for (const copy of copiesOf(name)) put(copy, packSealed(fields, nameKey(copy)));
}

function copiesOf(name: string): readonly [string, string] {
  return [name, `${name} (copy)`];
}
