import { pack, unpack } from 'msgpackr';
import type { Message, Publication, RepeatKey } from './engine.ts';

/** A message as it stands on disk. */
export interface StoredMessage {
  /** When it was committed, in ms since 1970. */
  readonly at: number;
  readonly message: Message;
  readonly repeat: RepeatKey | undefined;
}

/** A stream as it stands on disk. */
export interface StoredStream {
  readonly id: number;
  readonly destination: string;
  /** The newest position that was given. */
  readonly head: number;
  /** The oldest position that is kept; `head + 1` when none is. */
  readonly oldest: number;
  /** Bytes of all records that are kept. */
  readonly bytes: number;
}

type MessageFields = [
  at: number,
  headers: (readonly [string, string])[],
  body: Buffer,
  repeatId: string | null,
  digest: string | null,
];
type StreamFields = [destination: string, head: number, oldest: number, bytes: number];

export function packMessage({ at, message, repeat }: StoredMessage): Buffer {
  const { body, headers } = message;
  const fields: MessageFields = [
    at,
    [...headers],
    body,
    repeat?.id ?? null,
    repeat?.digest ?? null,
  ];
  return pack(fields);
}

/** The bytes may be used again afterwards: nothing of the result is a view of them. */
export function unpackMessage(bytes: Buffer): StoredMessage {
  const [at, headers, body, id, digest]: MessageFields = unpack(bytes);
  const repeat = id === null || digest === null ? undefined : { id, digest };
  return { at, message: { headers, body: Buffer.from(body) }, repeat };
}

export function packStream({ destination, head, oldest, bytes }: StoredStream): Buffer {
  const fields: StreamFields = [destination, head, oldest, bytes];
  return pack(fields);
}

export function unpackStream(id: number, packed: Buffer): StoredStream {
  const [destination, head, oldest, bytes]: StreamFields = unpack(packed);
  return { id, destination, head, oldest, bytes };
}

/** The message-id of a kept message, live and in the history alike. */
export function publicationOf(
  epoch: string,
  { destination, id }: StoredStream,
  offset: number,
  message: Message,
): Publication {
  return { id: `${epoch}-${id}.${offset}`, destination, message, offset, isEphemeral: false };
}
