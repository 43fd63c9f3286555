import type { Maybe } from '../maybe.ts';

/** What a sender wants everyone at a destination to get. Header pairs are in wire order. */
export interface Message {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** What a repeated SEND is known by. */
export interface DeduplicationKey {
  /** The sender's own name for the message, unique at its destination. */
  readonly id: string;
  /** A digest of what was said by whom: the same id with another one is refused `ID_TAKEN`. */
  readonly digest: string;
}

/** One message to append. */
export interface Entry {
  readonly destination: string;
  readonly message: Message;
  /** Recognises a repeat at a kept destination. */
  readonly deduplication?: DeduplicationKey | undefined;
  /** Not kept, whatever the destination: it has no position. */
  readonly isEphemeral?: boolean | undefined;
}

/** A new value of a fact; `null` forgets the fact. */
export type FactChange = readonly [name: string, value: string | null];

export interface AppendOptions {
  /**
   * The sender of the list. Where many lists wait, those of different sources take turns, so that no
   * source delays the others. Default: the server itself.
   */
  readonly source?: string | undefined;
  /** Facts that are committed together with the entries, or not at all. */
  readonly facts?: readonly FactChange[] | undefined;
}

/** A message that is committed. */
export interface Publication {
  /** Unique in the life of the store. */
  readonly id: string;
  readonly destination: string;
  readonly message: Message;
  /** Its position at its destination: 1, 2, 3, … without gaps; `null` where nothing is kept. */
  readonly offset: number | null;
  readonly isEphemeral: boolean;
}

/** What became of one entry, in the order of the list that was appended. */
export type Appended =
  | { readonly type: 'committed'; readonly offset: number | null }
  /** It was said before: the first one's position, and nothing is delivered. */
  | { readonly type: 'duplicate'; readonly offset: number };

export const APPEND_REFUSALS = {
  ID_TAKEN: 'another message was sent with this id',
  STORE_FAILED: 'the store could not be written: its disk may be full',
  STORE_FULL: 'the store can keep no more destinations',
  STORE_STOPPED: 'the store is stopping',
} as const;
export type AppendRefusal = keyof typeof APPEND_REFUSALS;

export type AppendOutcome =
  | { readonly type: 'appended'; readonly entries: readonly Appended[] }
  /** Nothing of the list was committed. */
  | { readonly type: 'refused'; readonly code: AppendRefusal; readonly text: string };

export function appendRefused(code: AppendRefusal): AppendOutcome {
  return { type: 'refused', code, text: APPEND_REFUSALS[code] };
}

/** Where to read a destination's history. */
export interface HistoryQuery {
  readonly destination: string;
  /** The position to begin with; `newest` and `oldest` are the ends of what is kept. */
  readonly from: number | 'newest' | 'oldest';
  readonly direction: 'forward' | 'backward';
  /** At most this many publications; 1 or more. */
  readonly limit: number;
  /** A page ends before it has more bytes than this, but for its first one. Default: it does not. */
  readonly bytesMax?: number;
}

/** The positions that a destination keeps: `oldest` is `head + 1` when there are none. */
export interface Ends {
  readonly oldest: number;
  /** The newest position that was given; 0 before the first. */
  readonly head: number;
}

/** A position as a client remembers it: the next one it wants, and the epoch that it was told. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/**
 * `known`: all before the position is what this store gave there, and what is kept from it on is
 * whole. `damaged`: the same, but something from it on is known to be damaged on disk, and is
 * passed over. `foreign`: the position means nothing here.
 */
export type Standing = 'damaged' | 'foreign' | 'known';

/** Publications in the direction that was asked for, and the ends of what is kept. */
export interface HistoryPage extends Ends {
  readonly publications: readonly Publication[];
}

/**
 * Small named values that a restart must not forget, such as the members of a room or its name.
 * Of changes to one fact, by `set` or by `append`, the last call wins, unless its list is refused.
 */
export interface Facts {
  /** Those whose names begin with the prefix. Facts of an append are among them from its commit on. */
  all(prefix: string): Iterable<readonly [name: string, value: string]>;
  /**
   * Changes a fact that no message changes: in memory at once, on disk with the next commit. `null`
   * forgets the fact.
   */
  set(name: string, value: string | null): void;
}

/**
 * `failing`: what is to be kept is refused for the moment, as the store cannot be written. `given-up`:
 * that has lasted so long that nobody new is to be let in. Both end when the store can be written.
 */
export type EngineState = 'accepting' | 'failing' | 'given-up' | 'stopped';

/** What an engine is given besides those to deliver to. */
export interface EngineHost {
  /** Less is pending than before, whatever became of it. */
  settled(): void;
  /** Whether all stores together may keep so many bytes more in memory. */
  hasRoom(bytes: number): boolean;
}

/**
 * Gets every committed publication of this node, in order, in batches. It must not throw. If it returns
 * a promise, which must not reject, delivering goes on in later turns of the event loop: until the
 * promise is fulfilled the engine delivers no other batch, and settles no append of this one.
 */
export type Deliver = (batch: readonly Publication[]) => void | Promise<void>;

/**
 * Keeps the stream of each kept destination, and delivers to this node every committed publication at
 * a destination that it follows.
 *
 * Within a destination offsets rise by one and `deliver` runs in that order, never before
 * `history` can return the same publications. Between destinations the order is that of the
 * appends, as far as these are of one source. What `append` was given before `stop` is still committed
 * and delivered.
 */
export interface Engine {
  /**
   * `<life>-<term>`: the life of the store, and the term that this start began. It stays the same from
   * `start` to `stop`. `resolve` tells whether a position of another epoch still means anything.
   */
  readonly epoch: string;
  /** Bytes that it holds in memory: what is pending, and what it keeps nowhere else. */
  readonly bytes: number;
  /** Entries that were appended and are not committed yet. */
  readonly pending: number;
  /** Bytes of their messages. */
  readonly pendingBytes: number;
  /** Whether it takes appends now, as far as it knows. */
  readonly state: EngineState;
  /** Theirs as long as the store lives; between `start` and `stop`. */
  readonly facts: Facts;
  /**
   * Called before a destination gets its first local subscriber; a pattern is followed as a pattern.
   * The answer comes once every later publication there is delivered to this node. It counts all
   * batches whose delivery had begun by the time of the call. `null`: no history is kept there.
   */
  follow(destination: string): Maybe<Ends | null>;
  /** Called after a destination lost its last local subscriber, even if `follow` has not answered. */
  unfollow(destination: string): void;
  /**
   * The ends of a destination, followed or not, including the batch that is being delivered. `null`:
   * no history is kept there.
   */
  ends(destination: string): Maybe<Ends | null>;
  start(deliver: Deliver, host?: EngineHost): Promise<void>;
  /**
   * Commits all entries and facts, or none. It never rejects, and settles after the commit: for lists
   * of one source in the order of the calls. The facts of a list are committed even if all of its
   * entries are duplicates, or if it has no entries.
   */
  append(entries: readonly Entry[], options?: AppendOptions): Promise<AppendOutcome>;
  /** Positions whose messages were lost to damage on disk are passed over. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** What a position that a client remembers is worth now. */
  resolve(destination: string, position: Position): Maybe<Standing>;
  /** Commits what is pending; later appends are refused `STORE_STOPPED`. */
  stop(): Promise<void>;
}
