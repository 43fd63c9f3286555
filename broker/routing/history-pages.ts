// Histories as those read them who catch up. After a restart everyone comes back at once and has
// missed much the same, so a page is read from the store once, and encoded once, for all who get
// the same bytes. Only the bytes are kept: messages that outlive a few readers would be long work
// for the garbage collector, and everyone waits for that.

import type { Engine, HistoryPage } from '../engine/engine.ts';
import { type Alike, encodePacket } from './message-frame.ts';
import type { Packet } from './outlet.ts';
import { groupKey } from './subscription-index.ts';

/** Pages begin after a multiple of this, so that those of many readers are the same ones. */
const PAGE = 64;
/** Bytes of a page: more than a socket should have to send would only wait. */
const PAGE_BYTES = 256 * 1_024;
/** What a stretch costs besides its bytes. */
const OVERHEAD_BYTES = 512;

export interface PageLimits {
  /** Bytes of what is kept for others. */
  readonly pagesBytes: number;
}

/** Messages without a gap between them, as their readers get them. */
export interface Stretch {
  readonly packet: Packet;
  /** The position of the last one. */
  readonly last: number;
}

export class HistoryPages {
  readonly #engine: Pick<Engine, 'history'>;
  readonly #limits: PageLimits;
  /** The one that was read last stands last. What has a position never changes. */
  readonly #stretches = new Map<string, Stretch>();
  #bytes = 0;

  constructor(engine: Pick<Engine, 'history'>, limits: PageLimits) {
    this.#engine = engine;
    this.#limits = limits;
  }

  /** What is kept from a position on, to the end of a page or `max` publications. */
  read(destination: string, from: number, max: number): Promise<HistoryPage> {
    const limit = Math.min(restOfPage(from), max);
    const bytesMax = PAGE_BYTES;
    return this.#engine.history({ bytesMax, destination, direction: 'forward', from, limit });
  }

  /** What somebody else got of this destination from this position on, not long ago. */
  recent(destination: string, from: number, readers: Alike): Stretch | undefined {
    return this.#stretches.get(keyOf(destination, from, readers));
  }

  /** A page that was read, for these readers; `null`: it is empty. */
  encode(destination: string, { publications }: HistoryPage, readers: Alike): Stretch | null {
    const from = publications[0]?.offset ?? null;
    const last = publications.at(-1)?.offset ?? null;
    if (from === null || last === null) return null;
    const stretch = { packet: encodePacket(publications, readers), last };
    this.#keep(keyOf(destination, from, readers), stretch);
    return stretch;
  }

  #keep(key: string, stretch: Stretch): void {
    this.#forget(key);
    this.#stretches.set(key, stretch);
    this.#bytes += weightOf(stretch);
    for (const oldest of this.#stretches.keys()) {
      if (this.#bytes <= this.#limits.pagesBytes) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const stretch = this.#stretches.get(key);
    if (stretch === undefined) return;
    this.#stretches.delete(key);
    this.#bytes -= weightOf(stretch);
  }
}

function weightOf({ packet }: Stretch): number {
  return OVERHEAD_BYTES + packet.length;
}

function restOfPage(from: number): number {
  return PAGE - ((from - 1) % PAGE);
}

function keyOf(destination: string, from: number, readers: Alike): string {
  return `${from} ${JSON.stringify([destination, readers.shown])} ${groupKey(readers)}`;
}
