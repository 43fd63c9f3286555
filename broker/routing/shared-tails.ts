import { isUtf8 } from 'node:buffer';
import { BODY_OMITTED, STREAM_OFFSET } from '../../shared/header-names.ts';
import type { Message, Publication } from '../engine/engine.ts';
import type { Tail, WireEncoding } from '../packet.ts';
import { encodeHeaders, endOfHeaders } from '../stomp/encoder.ts';
import { escapeHeader } from '../stomp/escape.ts';
import { NO_BODY } from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import type { StompVersion } from '../stomp/version.ts';

/** Receivers that differ in nothing but a subscription's id and the headers of their deliveries. */
export interface Readers {
  readonly encoding: WireEncoding;
  /** The `destination` header; `null`: where the message was published. */
  readonly shown: string | null;
  readonly version: StompVersion;
}

/** What such receivers share of a MESSAGE. */
export interface Shared {
  /** The header lines that tell where it was published, and as what. */
  readonly place: string;
  /** The sender's headers and the body. */
  readonly tail: Tail;
}

interface Kept extends Readers, Shared {}

/**
 * What the receivers of a MESSAGE share, escaped and encoded once for each wire, version and shown
 * destination. It is kept while a batch is delivered, so that a message is not in memory twice for
 * longer than that.
 */
export class SharedTails {
  #isKeeping = false;
  readonly #kept = new Map<Publication, Kept[]>();

  /** From here on to `forget`, what was made is used again. */
  keep(): void {
    this.#isKeeping = true;
  }

  forget(): void {
    this.#isKeeping = false;
    this.#kept.clear();
  }

  of(publication: Publication, readers: Readers): Shared {
    if (!this.#isKeeping) return sharedOf(publication, readers);
    const { encoding, shown, version } = readers;
    const known = this.#kept.get(publication);
    for (const one of known ?? []) {
      if (one.encoding === encoding && one.version === version && one.shown === shown) return one;
    }
    const { place, tail } = sharedOf(publication, readers);
    const made = { encoding, place, shown, tail, version };
    if (known === undefined) this.#kept.set(publication, [made]);
    else known.push(made);
    return made;
  }
}

function sharedOf(
  { destination, id, message, offset }: Publication,
  { encoding, shown, version }: Readers,
): Shared {
  const where = `${h.DESTINATION}:${escapeHeader(shown ?? destination, version)}\n`;
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
