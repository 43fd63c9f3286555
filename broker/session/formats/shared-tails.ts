import { isUtf8 } from 'node:buffer';
import { BODY_OMITTED, STREAM_OFFSET } from '../../../shared/header-names.ts';
import type { Message, Publication } from '../../engine/engine.ts';
import type { Tail, WireEncoding } from '../../packet.ts';
import { encodeHeaders, endOfHeaders } from '../../stomp/encoder.ts';
import { escapeHeader } from '../../stomp/escape.ts';
import { NO_BODY } from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import type { StompVersion } from '../../stomp/version.ts';

const NONE: readonly Publication[] = [];

/** Receivers that differ only in their subscription id and the headers of single deliveries. */
export interface Readers {
  readonly encoding: WireEncoding;
  /** The `destination` header; `null`: the destination of the publication. */
  readonly destinationHeader: string | null;
  readonly version: StompVersion;
}

/** The part of a MESSAGE that such receivers share. */
export interface Shared {
  /** The header lines of destination, message id and position. */
  readonly place: string;
  /** The sender's headers and the body. */
  readonly tail: Tail;
}

interface Kept extends Readers, Shared {
  /** The same publication for other readers. */
  readonly next: Kept | null;
}

/**
 * The shared parts of MESSAGEs, escaped and encoded once for each wire encoding, version and
 * destination header. They are kept only while their batch is delivered, so that no message is in
 * memory twice while it waits in a history.
 */
export class SharedTails {
  /** The index of the last publication that was asked for; mostly the next one follows. */
  #at = -1;
  #batch: readonly Publication[] = NONE;
  // By index in the batch. A Map that is filled and cleared for each batch would chain its tables,
  // and V8's young-generation collector would copy all of them again and again.
  #kept: (Kept | null)[] = [];

  /** Encodings of these publications are reused until `forget`. */
  keep(batch: readonly Publication[]): void {
    this.#at = -1;
    this.#batch = batch;
    this.#kept = batch.map(() => null);
  }

  forget(): void {
    this.#batch = NONE;
    this.#kept = [];
  }

  of(publication: Publication, readers: Readers): Shared {
    const at = this.#placeOf(publication);
    if (at === -1) return sharedOf(publication, readers);
    const { encoding, destinationHeader, version } = readers;
    const first = this.#kept[at] ?? null;
    for (let one = first; one !== null; one = one.next) {
      if (
        one.encoding === encoding &&
        one.version === version &&
        one.destinationHeader === destinationHeader
      )
        return one;
    }
    const { place, tail } = sharedOf(publication, readers);
    const made: Kept = { encoding, next: first, place, destinationHeader, tail, version };
    this.#kept[at] = made;
    return made;
  }

  /** -1: the publication is not in the batch. */
  #placeOf(publication: Publication): number {
    if (this.#batch.length === 0) return -1;
    const next = (this.#at + 1) % this.#batch.length;
    this.#at = this.#batch[next] === publication ? next : this.#batch.indexOf(publication);
    return this.#at;
  }
}

function sharedOf(
  { destination, id, message, offset }: Publication,
  { encoding, destinationHeader, version }: Readers,
): Shared {
  const where = `${h.DESTINATION}:${escapeHeader(destinationHeader ?? destination, version)}\n`;
  const name = `${h.MESSAGE_ID}:${escapeHeader(id, version)}\n`;
  const position = offset === null ? '' : `${STREAM_OFFSET}:${offset}\n`;
  return { place: where + name + position, tail: tailOf(message, encoding, version) };
}

function tailOf({ body, headers }: Message, encoding: WireEncoding, version: StompVersion): Tail {
  const lines = encodeHeaders(headers, version);
  // A sender of binary must not be able to break receivers with a text-only wire.
  if (!encoding.isTextOnly || isUtf8(body)) {
    return encoding.prepare(lines + endOfHeaders(body), body);
  }
  const omitted = `${lines}${BODY_OMITTED}:binary\n`;
  return encoding.prepare(omitted + endOfHeaders(NO_BODY), NO_BODY);
}
