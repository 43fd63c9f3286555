// The write set of one commit: the engine decides it, a block of the write-ahead log (WAL) holds it,
// and a checkpoint applies it to the rooms' file.

import { pack, unpack } from 'msgpackr';
import type { Term, TermHistory } from '../terms.ts';
import { type DormantStream, type StoredStream, unpackMessage } from './record.ts';

/** A record to keep at a position. */
export interface Write {
  readonly streamId: number;
  readonly offset: number;
  readonly record: Buffer;
  /** The id by which a duplicate of the message is recognised. */
  readonly deduplicationId: string | undefined;
}

/** An id whose message is gone. */
export interface Forgotten {
  readonly streamId: number;
  readonly deduplicationId: string;
}

/** Positions to remove, from `from` to before `to`. */
export interface Removal {
  readonly streamId: number;
  readonly from: number;
  readonly to: number;
}

/** The new terms of a stream. */
export interface TermsWrite {
  readonly streamId: number;
  readonly terms: TermHistory;
}

/** The write set of one commit. It is applied as a whole, and applying it again changes nothing. */
export interface Changes {
  /** Streams without messages that become dormant to make room for others. */
  readonly dormant: readonly DormantStream[];
  /** Facts that changed; `null` forgets one. */
  readonly facts: ReadonlyMap<string, string | null>;
  readonly forgotten: readonly Forgotten[];
  readonly removals: readonly Removal[];
  readonly streams: readonly StoredStream[];
  /** The terms of streams to which the present term appended for the first time. */
  readonly terms: readonly TermsWrite[];
  readonly writes: readonly Write[];
}

/** The first field of a block's payload; in blocks of earlier versions it is a list. */
const VERSION = 1;

type ChangesFields = [
  version: typeof VERSION,
  facts: [name: string, value: string | null][],
  forgotten: [streamId: number, deduplicationId: string][],
  removals: [streamId: number, from: number, to: number][],
  streams: [id: number, destination: string, head: number, oldest: number, bytes: number][],
  terms: [streamId: number, isWhole: boolean, uses: [term: Term, first: number][]][],
  writes: [streamId: number, offset: number, record: Buffer][],
  dormant: [
    id: number,
    destination: string,
    head: number,
    isWhole: boolean,
    uses: [term: Term, first: number][],
  ][],
];

export function packChanges(changes: Changes): Buffer {
  const { dormant, facts, forgotten, removals, streams, terms, writes } = changes;
  const fields: ChangesFields = [
    VERSION,
    [...facts],
    forgotten.map(({ streamId, deduplicationId }) => [streamId, deduplicationId]),
    removals.map(({ streamId, from, to }) => [streamId, from, to]),
    streams.map(({ id, destination, head, oldest, bytes }) => {
      return [id, destination, head, oldest, bytes];
    }),
    terms.map(({ streamId, terms: { isWhole, uses } }) => {
      return [streamId, isWhole, uses.map(({ term, first }) => [term, first])];
    }),
    writes.map(({ streamId, offset, record }) => [streamId, offset, record]),
    dormant.map(({ id, destination, head, terms: { isWhole, uses } }) => {
      return [id, destination, head, isWhole, uses.map(({ term, first }) => [term, first])];
    }),
  ];
  return pack(fields);
}

/** The records of the result are views of the bytes. */
export function unpackChanges(packed: Buffer): Changes {
  const fields: ChangesFields = unpack(packed);
  const [version, facts, forgotten, removals, streams, terms, writes, dormant] = fields;
  if (version !== VERSION) throw new Error('the write-ahead log is of another version');
  return {
    facts: new Map(facts),
    forgotten: forgotten.map(([streamId, deduplicationId]) => ({ streamId, deduplicationId })),
    removals: removals.map(([streamId, from, to]) => ({ streamId, from, to })),
    streams: streams.map(([id, destination, head, oldest, bytes]) => {
      return { id, destination, head, oldest, bytes };
    }),
    terms: terms.map(([streamId, isWhole, uses]) => {
      const all = uses.map(([term, first]) => ({ term, first }));
      return { streamId, terms: { isWhole, uses: all } };
    }),
    writes: writes.map(([streamId, offset, record]) => {
      const deduplicationId = unpackMessage(record, streamId, offset)?.deduplication?.id;
      return { streamId, offset, record, deduplicationId };
    }),
    dormant: dormant.map(([id, destination, head, isWhole, uses]) => {
      const all = uses.map(([term, first]) => ({ term, first }));
      return { id, destination, head, terms: { isWhole, uses: all } };
    }),
  };
}

/** The operations of a write set on the rooms' file, which a checkpoint takes time for. */
export function sizeOf({ dormant, facts, removals, streams, writes }: Changes): number {
  let size = dormant.length + facts.size + streams.length + writes.length;
  for (const { from, to } of removals) size += to - from;
  return size;
}
