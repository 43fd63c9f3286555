import { pack, unpack } from 'msgpackr';
import type { DeduplicationKey, Message, Publication } from '../engine.ts';
import { type Term, type TermHistory, termName } from '../terms.ts';
import { isWhole, nameKey, offsetKey, packSealed, seal, UNSEALED, unpackSealed } from './seal.ts';

/** A message on disk. */
export interface StoredMessage {
  /** The time of its commit, in ms since 1970. */
  readonly at: number;
  readonly message: Message;
  readonly deduplication: DeduplicationKey | undefined;
  /** The term of its commit. */
  readonly term: Term;
}

/** A stream on disk. */
export interface StoredStream {
  readonly id: number;
  readonly destination: string;
  /** The newest position that was given. */
  readonly head: number;
  /** The oldest position that is kept; `head + 1`: none is. */
  readonly oldest: number;
  /** Bytes of all records that are kept. */
  readonly bytes: number;
}

/** A stream without messages that is only on disk. */
export interface DormantStream {
  readonly id: number;
  readonly destination: string;
  readonly head: number;
  readonly terms: TermHistory;
}

type MessageFields = [
  at: number,
  headers: (readonly [string, string])[],
  body: Buffer,
  deduplicationId: string | null,
  digest: string | null,
  term: Term,
  checksum: number,
];

/** The record of a message, sealed for its position. */
export function packMessage(
  { at, message, deduplication, term }: StoredMessage,
  streamId: number,
  offset: number,
): Buffer {
  const { body, headers } = message;
  const fields: MessageFields = [
    at,
    [...headers],
    body,
    deduplication?.id ?? null,
    deduplication?.digest ?? null,
    term,
    UNSEALED,
  ];
  return seal(pack(fields), offsetKey(streamId, offset));
}

/**
 * The message of a record at this position; `null`: the record is damaged, or belongs elsewhere. The
 * result has no views of the bytes.
 */
export function unpackMessage(
  record: Buffer,
  streamId: number,
  offset: number,
): StoredMessage | null {
  if (!isWhole(record, offsetKey(streamId, offset))) return null;
  const [at, headers, body, id, digest, term]: MessageFields = unpack(record);
  const deduplication = id === null || digest === null ? undefined : { id, digest };
  return { at, message: { headers, body: Buffer.from(body) }, deduplication, term };
}

type StreamFields = [destination: string, head: number, oldest: number, bytes: number];

export function packStream({ id, destination, head, oldest, bytes }: StoredStream): Buffer {
  return packSealed([destination, head, oldest, bytes], nameKey(`stream ${id}`));
}

/** `null`: the record is damaged. */
export function unpackStream(record: Buffer, id: number): StoredStream | null {
  const fields = unpackSealed(record, nameKey(`stream ${id}`));
  if (fields === null) return null;
  const [destination, head, oldest, bytes] = fields as StreamFields;
  return { id, destination, head, oldest, bytes };
}

type TermFields = [isWhole: boolean, uses: [term: Term, first: number][]];

export function packTerms({ isWhole: isAll, uses }: TermHistory, streamId: number): Buffer {
  const fields: TermFields = [isAll, uses.map(({ term, first }) => [term, first])];
  return packSealed(fields, nameKey(`terms ${streamId}`));
}

/** `null`: the record is damaged. */
export function unpackTerms(record: Buffer, streamId: number): TermHistory | null {
  const fields = unpackSealed(record, nameKey(`terms ${streamId}`));
  if (fields === null) return null;
  const [isAll, uses] = fields as TermFields;
  return { isWhole: isAll, uses: uses.map(([term, first]) => ({ term, first })) };
}

type DormantFields = [
  id: number,
  destination: string,
  head: number,
  isWhole: boolean,
  uses: [term: Term, first: number][],
];

export function packDormant({ id, destination, head, terms }: DormantStream): Buffer {
  const uses = terms.uses.map(({ term, first }) => [term, first]);
  const fields = [id, destination, head, terms.isWhole, uses];
  return packSealed(fields, nameKey(`dormant ${destination}`));
}

/** `null`: the record is damaged, or of another destination. */
export function unpackDormant(record: Buffer, destination: string): DormantStream | null {
  const fields = unpackSealed(record, nameKey(`dormant ${destination}`));
  if (fields === null) return null;
  const [id, , head, isAll, uses] = fields as DormantFields;
  const terms = { isWhole: isAll, uses: uses.map(([term, first]) => ({ term, first })) };
  return { id, destination, head, terms };
}

export function packFact(name: string, value: string): Buffer {
  return packSealed([value], nameKey(`fact ${name}`));
}

/** `null`: the record is damaged. */
export function unpackFact(record: Buffer, name: string): string | null {
  const fields = unpackSealed(record, nameKey(`fact ${name}`));
  return fields === null ? null : String(fields[0]);
}

/**
 * A message as subscribers get it, live and from the history alike. Its id contains the term, because a
 * store that was restored from a copy gives positions again that other messages had before.
 */
export function publicationOf(
  { destination, id }: StoredStream,
  offset: number,
  { message, term }: Pick<StoredMessage, 'message' | 'term'>,
): Publication {
  return {
    id: `${termName(term)}-${id}.${offset}`,
    destination,
    message,
    offset,
    isEphemeral: false,
  };
}
