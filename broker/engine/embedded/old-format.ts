// Records and WAL blocks of formats 1 and 2, which had no checksums and no terms. They are only read, by
// the conversion; one that cannot be read is `null`.

import { unpack } from 'msgpackr';
import type { StoredMessage, StoredStream } from './record.ts';

export type OldMessage = Omit<StoredMessage, 'term'>;

/** The write set of one commit, as far as a conversion needs it. */
export interface OldChanges {
  readonly facts: readonly (readonly [name: string, value: string | null])[];
  readonly streams: readonly StoredStream[];
  readonly writes: readonly (readonly [streamId: number, offset: number, record: Buffer])[];
}

/** The result has no views of the bytes. */
export function unpackOldMessage(record: Buffer): OldMessage | null {
  const fields = unpackList(record);
  if (fields === null) return null;
  const [at, headers, body, id, digest] = fields;
  if (typeof at !== 'number' || !Buffer.isBuffer(body) || !isHeaders(headers)) return null;
  const isDuplicate = typeof id === 'string' && typeof digest === 'string';
  const deduplication = isDuplicate ? { id, digest } : undefined;
  return { at, message: { headers, body: Buffer.from(body) }, deduplication };
}

export function unpackOldStream(record: Buffer, id: number): StoredStream | null {
  const fields = unpackList(record);
  return fields === null ? null : streamOf([id, ...fields]);
}

/** The payload of a WAL block whose checksum was verified. */
export function unpackOldChanges(payload: Buffer): OldChanges {
  const [facts, , , streams, writes]: [
    OldChanges['facts'],
    unknown,
    unknown,
    unknown[][],
    OldChanges['writes'],
  ] = unpack(payload);
  return { facts, streams: streams.flatMap((fields) => streamOf(fields) ?? []), writes };
}

function unpackList(record: Buffer): unknown[] | null {
  try {
    const fields: unknown = unpack(record);
    return Array.isArray(fields) ? fields : null;
  } catch {
    return null;
  }
}

function streamOf([id, destination, head, oldest, bytes]: readonly unknown[]): StoredStream | null {
  const isStream =
    isCount(id) && typeof destination === 'string' && isCount(head) && isCount(oldest);
  return isStream && isCount(bytes) ? { id, destination, head, oldest, bytes } : null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isHeaders(value: unknown): value is [string, string][] {
  return (
    Array.isArray(value) &&
    value.every(
      (pair) =>
        Array.isArray(pair) &&
        pair.length === 2 &&
        pair.every((text: unknown) => typeof text === 'string'),
    )
  );
}
