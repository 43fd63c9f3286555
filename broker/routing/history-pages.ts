// Pages of histories, for subscriptions that catch up. After a restart all clients come back at
// once and have missed much the same messages, so a page is read from the store once, and encoded
// once for all that get the same bytes. Only the bytes are cached: publications that outlive a
// few readers would be long work for the garbage collector, which stops everybody.

import type { Engine, HistoryPage } from '../engine/engine.ts';
import { ByteCache } from '../limits/byte-cache.ts';
import { type Maybe, settle } from '../maybe.ts';
import type { Packet } from '../packet.ts';
import type { PageFormat } from './message-format.ts';

/** Pages begin after a multiple of this, so that many readers ask for the same pages. */
const PAGE = 64;
/** Bytes of a page: half of the default `takeBytes`, so that a socket takes a page whole. */
const PAGE_BYTES = 128 * 1_024;

export interface PageLimits {
  /** Bytes of the pages that are cached for later readers. */
  readonly pagesBytes: number;
}

/** Messages without a gap between them, as their readers get them. */
export interface EncodedPage {
  readonly packet: Packet;
  /** The position of the last one. */
  readonly last: number;
  /** False: it ended at the head of the history, so a later reader gets more. */
  readonly isWhole: boolean;
}

export class HistoryPages {
  readonly #engine: Pick<Engine, 'ends' | 'history'>;
  /** Messages with positions never change. */
  readonly #encodedPages: ByteCache<EncodedPage>;

  constructor(engine: Pick<Engine, 'ends' | 'history'>, { pagesBytes }: PageLimits) {
    this.#engine = engine;
    this.#encodedPages = new ByteCache(pagesBytes, ({ packet }) => keptBytesOf(packet));
  }

  /** Reads the history from a position on, to the end of the page or `max` publications. */
  read(destination: string, from: number, max: number): Promise<HistoryPage> {
    const limit = Math.min(restOfPage(from), max);
    const bytesMax = PAGE_BYTES;
    return this.#engine.history({ bytesMax, destination, direction: 'forward', from, limit });
  }

  /** The cached page from this position on, if the history would give the same. */
  recent(destination: string, from: number, format: PageFormat): Maybe<EncodedPage | undefined> {
    const page = this.#encodedPages.get(keyOf(destination, from, format));
    if (page === undefined) return undefined;
    return settle(this.#engine.ends(destination), (ends) => {
      // A message that retention has removed is not given out, although its bytes are still cached.
      if (ends === null || from < ends.oldest) return undefined;
      return page.isWhole || page.last >= ends.head ? page : undefined;
    });
  }

  /** Encodes a page and caches it; `null`: it is empty, or a position in it is missing. */
  encode(
    destination: string,
    { head, publications }: HistoryPage,
    format: PageFormat,
  ): EncodedPage | null {
    const from = publications[0]?.offset ?? null;
    const last = publications.at(-1)?.offset ?? null;
    if (from === null || last === null) return null;
    if (publications.length !== last - from + 1) return null;
    const isWhole = last < head || last % PAGE === 0;
    const encodedPage = { packet: format.encodePage(publications), last, isWhole };
    this.#encodedPages.set(keyOf(destination, from, format), encodedPage);
    return encodedPage;
  }
}

function keptBytesOf(packet: Packet): number {
  if (typeof packet === 'string') return 2 * packet.length;
  // A small Buffer keeps the whole pool block alive that it was cut from.
  if (Buffer.isBuffer(packet)) return packet.buffer.byteLength;
  return packet.reduce((bytes, piece) => bytes + piece.buffer.byteLength, 0);
}

function restOfPage(from: number): number {
  return PAGE - ((from - 1) % PAGE);
}

function keyOf(destination: string, from: number, format: PageFormat): string {
  return `${from} ${JSON.stringify(destination)} ${format.key}`;
}
