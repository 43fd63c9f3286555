import type { Maybe } from '../maybe.ts';

/** A message to everyone at a destination. Header pairs are in wire order. */
export interface Message {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** The key by which a duplicate is recognised. */
export interface DeduplicationKey {
  /** The sender's own name for the message, unique at its destination. */
  readonly id: string;
  /** A digest of body and sender: the same id with another digest is refused with `ID_TAKEN`. */
  readonly digest: string;
}

/** One message to append. */
export interface Entry {
  readonly destination: string;
  readonly message: Message;
  /** Lets a kept destination recognise duplicates; absent: the message is never one. */
  readonly deduplication?: DeduplicationKey | undefined;
  /** True: the message is not kept, whatever the destination, and has no position. */
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
  /** The position at its destination: 1, 2, 3, … without gaps; `null`: the message is not kept. */
  readonly offset: number | null;
  readonly isEphemeral: boolean;
}

/** The outcome of one entry. */
export type Appended =
  | { readonly type: 'committed'; readonly offset: number | null }
  /** A duplicate: it has the position of the first message, and is not delivered. */
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

/** The part of a history to read. */
export interface HistoryQuery {
  readonly destination: string;
  /** The position to begin with; `newest` and `oldest` are the ends of what is kept. */
  readonly from: number | 'newest' | 'oldest';
  readonly direction: 'forward' | 'backward';
  /** At most this many publications; 1 or more. */
  readonly limit: number;
  /** The most bytes of a page; its first publication may have more. Default: no limit. */
  readonly bytesMax?: number;
}

/** The ends of the positions that a destination keeps: `oldest` is `head + 1` if there are none. */
export interface Ends {
  readonly oldest: number;
  /** The newest position that was given; 0 before the first. */
  readonly head: number;
}

/** A position as a client remembers it: the next one that it wants, and the epoch that it was told. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/**
 * `known`: the store gave all positions before this one to the messages that the client knows, and all
 * later messages are undamaged. `damaged`: the same, but a later message is known to be damaged on
 * disk, and is skipped. `foreign`: the position means nothing to this store.
 */
export type Standing = 'damaged' | 'foreign' | 'known';

/** Publications in the direction of the query, and the ends of the history. */
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
 * `failing`: the store cannot be written, so appends to kept destinations are refused for now.
 * `given-up`: that has lasted so long that new clients are to be turned away. Both states end when
 * the store can be written again.
 */
export type EngineState = 'accepting' | 'failing' | 'given-up' | 'stopped';

/** The server around an engine. */
export interface EngineHost {
  /** Appends were settled, so fewer entries are pending. */
  settled(): void;
  /** True if the memory budget of all stores has room for so many bytes more. */
  hasRoom(bytes: number): boolean;
}

/**
 * Takes the committed publications of this node, in order, in batches. It must not throw. It may return
 * a promise, which must not reject, if the delivery continues in later turns of the event loop. Until
 * the promise is fulfilled the engine delivers no other batch, and settles no append of this one.
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
  /** Bytes in memory: of pending entries, and of messages that are kept nowhere else. */
  readonly bytes: number;
  /** Entries that were appended and are not committed yet. */
  readonly pending: number;
  /** Bytes of the messages of pending entries. */
  readonly pendingBytes: number;
  /** True if appends succeed now, as far as the engine knows. */
  readonly state: EngineState;
  /** The facts of the store, between `start` and `stop`. */
  readonly facts: Facts;
  /**
   * Called before a destination gets its first local subscriber; a pattern is followed as a pattern.
   * The answer comes once every later publication there is delivered to this node. It counts all
   * batches whose delivery had begun by the time of the call. `null`: no history is kept there. A
   * rejection ends the sessions that wait for the answer.
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
  /** Reads a page. Positions whose messages are damaged on disk are skipped. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** The standing of a position that a client remembers. */
  resolve(destination: string, position: Position): Maybe<Standing>;
  /** Commits what is pending. Later appends are refused with `STORE_STOPPED`. */
  stop(): Promise<void>;
}
