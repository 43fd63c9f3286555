// Pages of room histories for HTTP, encoded as JSON once for all requests of the same page. A
// message with a position never changes, so an encoded page is valid for as long as its messages
// are kept. Only the ends of the history, which precede the messages in a page, are new in each
// response.

import { HISTORY_PAGE_BYTES } from '../../shared/history.ts';
import type { Ends, Engine, HistoryQuery, Publication } from '../engine/engine.ts';
import { ByteCache } from '../limits/byte-cache.ts';
import { type Maybe, settle } from '../maybe.ts';

/** One piece of a history: the newest messages, or those before or after a position. */
export type Piece =
  | { readonly type: 'newest' }
  | { readonly type: 'before' | 'after'; readonly offset: number };

export interface HistoryOptions {
  readonly engine: Pick<Engine, 'ends' | 'epoch' | 'history'>;
  /** Most bytes of encoded pages that are kept for later requests; 0 keeps none. */
  readonly pagesBytes: number;
  /** The destination of a room. */
  readonly roomOf: (roomId: string) => string;
}

type Wanted = Pick<HistoryQuery, 'destination' | 'direction' | 'limit'> & { readonly from: number };

/** Consecutive messages, oldest first. */
interface EncodedPage {
  readonly first: number;
  readonly last: number;
  /** False: the page ended with the history, so a later request may get more. */
  readonly isWhole: boolean;
  /** The messages as JSON, separated by commas. */
  readonly json: Buffer;
}

const EMPTY: Ends = { head: 0, oldest: 1 };

export class History {
  readonly #options: HistoryOptions;
  readonly #reading = new Map<string, Promise<EncodedPage | null>>();
  /** In the order of their last use. */
  readonly #encodedPages: ByteCache<EncodedPage>;

  constructor(options: HistoryOptions) {
    this.#options = options;
    // A small Buffer keeps the whole ArrayBuffer alive that it is a slice of.
    this.#encodedPages = new ByteCache(options.pagesBytes, ({ json }) => json.buffer.byteLength);
  }

  /** A tag for the pages of this room: while it is the same, they are the same. */
  stateOf(roomId: string): Maybe<string> {
    const { engine, roomOf } = this.#options;
    return settle(this.#endsOf(roomOf(roomId)), ({ head, oldest }) => {
      return `${engine.epoch}-${oldest}-${head}`;
    });
  }

  /**
   * Reads a `RoomHistoryPage` as JSON, in buffers to be written in this order. They are shared, so
   * nobody may write into them.
   *
   * @param limit most messages in the page; 1 or more
   */
  async read(roomId: string, piece: Piece, limit: number): Promise<readonly Buffer[]> {
    const destination = this.#options.roomOf(roomId);
    const ends = await this.#endsOf(destination);
    const wanted = { destination, limit, ...rangeOf(piece, ends) };
    const encodedPage = await this.#encodedPageOf(wanted, ends);
    const epoch = JSON.stringify(this.#options.engine.epoch);
    // Messages that came during the read count only if the page has them.
    const head = Math.max(ends.head, encodedPage?.last ?? 0);
    const { oldest } = await this.#endsOf(destination);
    const start = `{"epoch":${epoch},"oldest":${oldest},"head":${head},"messages":[`;
    const messages = encodedPage === null ? [] : [encodedPage.json];
    return [Buffer.from(start), ...messages, Buffer.from(']}')];
  }

  #endsOf(destination: string): Maybe<Ends> {
    return settle(this.#options.engine.ends(destination), (ends) => ends ?? EMPTY);
  }

  async #encodedPageOf(wanted: Wanted, ends: Ends): Promise<EncodedPage | null> {
    const key = keyOf(wanted);
    const known = this.#encodedPages.get(key);
    if (known !== undefined && isGood(known, ends)) {
      this.#encodedPages.set(key, known);
      return known;
    }
    const others = this.#reading.get(key);
    if (others !== undefined) {
      const theirs = await others;
      // That read may have begun before the newest messages came.
      if (theirs !== null && isGood(theirs, ends)) return theirs;
    }
    const reading = this.#read(wanted).finally(() => {
      if (this.#reading.get(key) === reading) this.#reading.delete(key);
    });
    this.#reading.set(key, reading);
    const encodedPage = await reading;
    if (encodedPage !== null) this.#encodedPages.set(key, encodedPage);
    return encodedPage;
  }

  async #read(wanted: Wanted): Promise<EncodedPage | null> {
    const query = { ...wanted, bytesMax: HISTORY_PAGE_BYTES };
    const { head, publications } = await this.#options.engine.history(query);
    const ordered = wanted.direction === 'backward' ? publications.toReversed() : publications;
    const [first, last] = [ordered[0]?.offset ?? null, ordered.at(-1)?.offset ?? null];
    if (first === null || last === null) return null;
    const isWhole = wanted.direction === 'backward' || ordered.length === wanted.limit;
    return { first, last, isWhole: isWhole || last < head, json: jsonOf(ordered) };
  }
}

/** Clamps the piece to positions that are kept, so that equal pieces have equal cache keys. */
function rangeOf(piece: Piece, { head, oldest }: Ends): Pick<Wanted, 'direction' | 'from'> {
  switch (piece.type) {
    case 'newest':
      return { direction: 'backward', from: head };
    case 'before':
      return { direction: 'backward', from: Math.min(piece.offset - 1, head) };
    case 'after':
      return { direction: 'forward', from: Math.max(piece.offset + 1, oldest) };
  }
}

/** True if reading the page now would give the same messages. */
function isGood({ first, isWhole, last }: EncodedPage, { head, oldest }: Ends): boolean {
  return first >= oldest && (isWhole || last === head);
}

function jsonOf(publications: readonly Publication[]): Buffer {
  const pieces: Buffer[] = [];
  for (const { message, offset } of publications) {
    const comma = pieces.length === 0 ? '' : ',';
    pieces.push(Buffer.from(`${comma}{"offset":${offset},"message":`), bodyOf(message), END);
  }
  return Buffer.concat(pieces);
}

const END = Buffer.from('}');
const NOTHING = Buffer.from('null');

/** Messages of the chat have a JSON content-type; a program may have published anything else. */
function bodyOf({ body, headers }: Publication['message']): Buffer {
  const isJson = headers.some(([name, value]) => {
    return name === 'content-type' && value === 'application/json';
  });
  return isJson && body.length > 0 ? body : NOTHING;
}

function keyOf({ destination, direction, from, limit }: Wanted): string {
  return `${direction} ${from} ${limit} ${destination}`;
}
