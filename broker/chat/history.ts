import { HISTORY_PAGE_BYTES, type RoomHistoryPage } from '../../shared/history.ts';
import type { Engine, HistoryQuery, Publication } from '../engine/engine.ts';

/** Which piece of a history: the newest, what is before a position, or what is after one. */
export type Piece =
  | { readonly type: 'newest' }
  | { readonly type: 'before' | 'after'; readonly offset: number };

/** The histories of rooms, as they are asked for over HTTP. */
export class History {
  readonly #engine: Pick<Engine, 'ends' | 'epoch' | 'history'>;
  readonly #roomOf: (roomId: string) => string;

  /** @param roomOf the destination of a room */
  constructor(
    engine: Pick<Engine, 'ends' | 'epoch' | 'history'>,
    roomOf: (roomId: string) => string,
  ) {
    this.#engine = engine;
    this.#roomOf = roomOf;
  }

  /** Changes whenever a page of this room may. */
  stateOf(roomId: string): string {
    const { head, oldest } = this.#engine.ends(this.#roomOf(roomId)) ?? { head: 0, oldest: 1 };
    return `${this.#engine.epoch}-${oldest}-${head}`;
  }

  /** @param limit messages at the most; 1 or more */
  async read(roomId: string, piece: Piece, limit: number): Promise<RoomHistoryPage> {
    const destination = this.#roomOf(roomId);
    const query = { bytesMax: HISTORY_PAGE_BYTES, destination, limit, ...rangeOf(piece) };
    const { head, oldest, publications } = await this.#engine.history(query);
    const messages = publications.map(readable);
    if (query.direction === 'backward') messages.reverse();
    return { epoch: this.#engine.epoch, oldest, head, messages };
  }
}

function rangeOf(piece: Piece): Pick<HistoryQuery, 'direction' | 'from'> {
  switch (piece.type) {
    case 'newest':
      return { direction: 'backward', from: 'newest' };
    case 'before':
      return { direction: 'backward', from: piece.offset - 1 };
    case 'after':
      return { direction: 'forward', from: piece.offset + 1 };
  }
}

/** What stands in a room was written by the chat: it is JSON. */
function readable({ message, offset }: Publication) {
  const value: unknown = JSON.parse(message.body.toString());
  return { offset: offset ?? 0, message: value };
}
