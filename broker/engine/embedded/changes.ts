// What one commit does to what is kept: as the engine decides it, as it stands in the WAL, and as
// it is carried out in the rooms' file.

import { pack, unpack } from 'msgpackr';
import type { Term, TermHistory } from '../terms.ts';
import { type DormantStream, type StoredStream, unpackMessage } from './record.ts';

/** A record to keep at a position. */
export interface Write {
  readonly streamId: number;
  readonly offset: number;
  readonly record: Buffer;
  /** What a repeat of it would be known by. */
  readonly deduplicationId: string | undefined;
}

/** An id that stands for no message any more. */
export interface Forgotten {
  readonly streamId: number;
  readonly deduplicationId: string;
}

/** Positions to forget, `to` not among them. */
export interface Removal {
  readonly streamId: number;
  readonly from: number;
  readonly to: number;
}

/** The terms of a stream, as they are from now on. */
export interface TermsWrite {
  readonly streamId: number;
  readonly terms: TermHistory;
}

/** What one commit does, whole or not at all; done twice, it is the same as once. */
export interface Changes {
  /** Streams without messages that make room for others. */
  readonly dormant: readonly DormantStream[];
  /** Facts that changed; `null` forgets one. */
  readonly facts: ReadonlyMap<string, string | null>;
  readonly forgotten: readonly Forgotten[];
  readonly removals: readonly Removal[];
  readonly streams: readonly StoredStream[];
  /** Of the streams to which a term appended for the first time. */
  readonly terms: readonly TermsWrite[];
  readonly writes: readonly Write[];
}

/** The WAL's blocks begin with this; those of servers before it begin with a list. */
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

/** How many things there are to do: what carrying them out costs. */
export function sizeOf({ dormant, facts, removals, streams, writes }: Changes): number {
  let size = dormant.length + facts.size + streams.length + writes.length;
  for (const { from, to } of removals) size += to - from;
  return size;
}
