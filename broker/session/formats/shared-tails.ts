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

/** Receivers that differ in nothing but a subscription's id and the headers of their deliveries. */
export interface Readers {
  readonly encoding: WireEncoding;
  /** The `destination` header; `null`: where the message was published. */
  readonly destinationHeader: string | null;
  readonly version: StompVersion;
}

/** What such receivers share of a MESSAGE. */
export interface Shared {
  /** The header lines that tell where it was published, and as what. */
  readonly place: string;
  /** The sender's headers and the body. */
  readonly tail: Tail;
}

interface Kept extends Readers, Shared {
  /** The same publication for other readers. */
  readonly next: Kept | null;
}

/**
 * What the receivers of a MESSAGE share, escaped and encoded once for each wire, version and shown
 * destination. It is kept while its batch is delivered and not longer, so that no message is in
 * memory twice while it waits in a history.
 */
export class SharedTails {
  /** Where the last one stands: the next one asked for mostly follows. */
  #at = -1;
  #batch: readonly Publication[] = NONE;
  // By place in the batch. A Map that is filled and cleared for each batch would chain its tables,
  // and V8's collector of young objects would have to copy all of them again and again.
  #kept: (Kept | null)[] = [];

  /** From here on to `forget`, what is made of these is used again. */
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

  /** -1: it is not in the batch. */
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
  // One sender of binary must not be able to break the receivers that have text only.
  if (!encoding.isTextOnly || isUtf8(body)) {
    return encoding.prepare(lines + endOfHeaders(body), body);
  }
  const omitted = `${lines}${BODY_OMITTED}:binary\n`;
  return encoding.prepare(omitted + endOfHeaders(NO_BODY), NO_BODY);
}
