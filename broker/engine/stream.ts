import type { Entry, HistoryPage, HistoryQuery, Publication } from './engine.ts';

interface Kept {
  readonly publication: Publication;
  readonly bytes: number;
  readonly repeatId: string | undefined;
}

interface Said {
  readonly offset: number;
  readonly digest: string;
}

export interface Retention {
  /** Messages that each destination keeps. */
  readonly historyCount: number;
  /** Bytes that each destination keeps, of headers and bodies. */
  readonly historyBytes: number;
}

/** What a header costs besides its octets: a list of two, and its place among the others. */
const HEADER_BYTES = 64;

/** The kept messages of one destination, in memory; the oldest go when there are too many. */
export class Stream {
  readonly #kept = new Map<number, Kept>();
  readonly #said = new Map<string, Said>();
  readonly #overheadBytes: number;
  #head = 0;
  #bytes = 0;

  /** @param overheadBytes what each message counts besides its octets */
  constructor(overheadBytes: number) {
    this.#overheadBytes = overheadBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get head(): number {
    return this.#head;
  }

  get oldest(): number {
    return this.#head - this.#kept.size + 1;
  }

  /** What was said under this id: where, and whether this would be the same. */
  repeatOf({ repeat }: Entry): { readonly offset: number; readonly isSame: boolean } | null {
    const said = repeat && this.#said.get(repeat.id);
    if (said === undefined) return null;
    return { offset: said.offset, isSame: said.digest === repeat?.digest };
  }

  /** Keeps it at the next position. */
  push(entry: Entry, id: string): Publication {
    const { destination, message, repeat } = entry;
    this.#head += 1;
    const offset = this.#head;
    const publication = { id, destination, message, offset, isEphemeral: false };
    const bytes = this.#overheadBytes + octetsOf(entry);
    this.#kept.set(offset, { publication, bytes, repeatId: repeat?.id });
    this.#bytes += bytes;
    if (repeat !== undefined) this.#said.set(repeat.id, { offset, digest: repeat.digest });
    return publication;
  }

  /** Lets the oldest go until the rest fits. */
  trim({ historyCount, historyBytes }: Retention): void {
    while (this.#kept.size > historyCount || this.#bytes > historyBytes) {
      if (!this.dropOldest()) return;
    }
  }

  /** False when there was none. */
  dropOldest(): boolean {
    const kept = this.#kept.get(this.oldest);
    if (kept === undefined) return false;
    this.#kept.delete(this.oldest);
    this.#bytes -= kept.bytes;
    if (kept.repeatId !== undefined) this.#said.delete(kept.repeatId);
    return true;
  }

  read({ from, direction, limit }: HistoryQuery): HistoryPage {
    const step = direction === 'forward' ? 1 : -1;
    const { head, oldest } = this;
    const start = from === 'newest' ? head : from === 'oldest' ? oldest : from;
    const publications: Publication[] = [];
    // A start outside of what is kept begins at the nearest end.
    let at = step === 1 ? Math.max(start, oldest) : Math.min(start, head);
    while (publications.length < limit) {
      const kept = this.#kept.get(at);
      if (kept === undefined) break;
      publications.push(kept.publication);
      at += step;
    }
    return { publications, oldest, head };
  }
}

function octetsOf({ message }: Entry): number {
  let bytes = message.body.length;
  for (const [name, value] of message.headers) bytes += HEADER_BYTES + name.length + value.length;
  return bytes;
}
