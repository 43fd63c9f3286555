// Fair turns for input. A session may have sent thousands of frames at once, and a hundred sessions
// may do so together; other sessions must not wait behind all of them. By phases of the event loop:
//
//   poll      sessions with new input are read at once, each for SLICE_MS, all together for TURN_MS
//   check     sessions with more input go on, one after the other, for TURN_MS; the rest waits for
//             the next turn of the event loop
//
// Clients take turns, so that one with a hundred sessions does not delay another by a hundred
// turns. Within a client, a session that had no turn yet goes first three times out of four.

import type { Clock } from '../../clock.ts';
import { Fifo } from '../../routing/fifo.ts';

/** Work that is done a piece at a time. */
export interface TurnTaker {
  readonly slice: Slice;
  /** Does a piece of work; `later`: the piece runs after this has returned. */
  takeTurn(): 'done' | 'later';
}

/** The work that one session did in one turn of the event loop. */
export class Slice {
  /** The client whose turns are taken: a user, or an address. */
  client: string;
  endsAt = 0;
  turn = -1;
  weight = 0;

  constructor(client: string) {
    this.client = client;
  }
}

/** The time for one session before others get their turn. */
const SLICE_MS = 2;
/** The time for all sessions together before the event loop turns. */
const TURN_MS = 10;
/** Small frames between two looks at the clock; a look costs about a hundredth of a frame. */
const LOOK_EVERY = 8;
/**
 * Small frames that one session, and that all sessions may always have handled in a turn of the
 * event loop: after the loop was blocked by other work, the time that has passed means nothing.
 */
const SLICE_WEIGHT_MIN = 64;
const TURN_WEIGHT_MIN = 256;
/** One turn in so many goes to a session that had one before, however many new ones wait. */
const USED_EVERY = 4;

/** The waiting work of one client. */
class ClientTurns {
  /** Sessions that had no turn since their input arrived. */
  readonly #fresh = new Fifo<TurnTaker>();
  /** Sessions that used up a turn and have more input. */
  readonly #used = new Fifo<TurnTaker>();
  #given = 0;

  get isEmpty(): boolean {
    return this.#fresh.length + this.#used.length === 0;
  }

  add(taker: TurnTaker, isFresh: boolean): void {
    (isFresh ? this.#fresh : this.#used).push(taker);
  }

  next(): TurnTaker | undefined {
    this.#given += 1;
    const isTurnOfUsed = this.#given % USED_EVERY === 0;
    if (isTurnOfUsed) return this.#used.shift() ?? this.#fresh.shift();
    return this.#fresh.shift() ?? this.#used.shift();
  }
}

export class InputTurns {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By client, in the order of their turns. */
  readonly #waiting = new Map<string, ClientTurns>();
  #endsAt = 0;
  #isOpen = false;
  #isScheduled = false;
  #turn = 0;
  #unlooked = 0;
  #waitingCount = 0;
  #weight = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** True if the caller may do a piece of work now; otherwise it has to `wait`. */
  begin(taker: TurnTaker, now: number = this.#clock.monotonic()): boolean {
    if (!this.#isOpen) this.#open(now);
    // The immediate that this schedules ends the turn.
    this.#schedule();
    const { slice } = taker;
    if (slice.turn !== this.#turn) {
      slice.turn = this.#turn;
      slice.endsAt = now + SLICE_MS;
      slice.weight = 0;
    }
    if (now >= this.#endsAt && this.#weight >= TURN_WEIGHT_MIN) return false;
    return now < slice.endsAt || slice.weight < SLICE_WEIGHT_MIN;
  }

  /**
   * True if the turn of the caller is over.
   *
   * @param weight the work since the last call, in small frames
   */
  isOver({ slice }: TurnTaker, weight: number): boolean {
    slice.weight += weight;
    this.#weight += weight;
    this.#unlooked += weight;
    if (this.#unlooked < LOOK_EVERY) return false;
    this.#unlooked = 0;
    return this.#clock.monotonic() >= slice.endsAt;
  }

  /** Calls `takeTurn` when it is the caller's turn. To be called once for each turn. */
  wait(taker: TurnTaker, isFresh: boolean): void {
    const { client } = taker.slice;
    let turns = this.#waiting.get(client);
    if (turns === undefined) {
      turns = new ClientTurns();
      this.#waiting.set(client, turns);
    }
    turns.add(taker, isFresh);
    this.#waitingCount += 1;
    this.#schedule();
  }

  #open(now: number): void {
    this.#isOpen = true;
    this.#turn += 1;
    this.#endsAt = now + TURN_MS;
    this.#weight = 0;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#waitingCount > 0) this.#goRound();
      this.#isOpen = false;
      if (this.#waitingCount > 0) this.#schedule();
    });
  }

  /** Gives a turn to each that waits by now, as long as there is time. */
  #goRound(): void {
    this.#open(this.#clock.monotonic());
    for (let left = this.#waitingCount; left > 0; left -= 1) {
      if (this.#nextTaker()?.takeTurn() === 'later') return;
      if (this.#clock.monotonic() >= this.#endsAt) return;
    }
  }

  #nextTaker(): TurnTaker | undefined {
    for (const [client, turns] of this.#waiting) {
      const taker = turns.next();
      this.#waiting.delete(client);
      if (!turns.isEmpty) this.#waiting.set(client, turns);
      if (taker !== undefined) this.#waitingCount -= 1;
      return taker;
    }
    return undefined;
  }
}

/**
 * Divides the long work of an async function into pieces, with a wait for its turn between them.
 */
export class Pieces implements TurnTaker {
  readonly slice: Slice;
  readonly #turns: InputTurns;
  #goOn: (() => void) | null = null;

  /** @param client the client whose turns the work takes */
  constructor(turns: InputTurns, client: string) {
    this.slice = new Slice(client);
    this.#turns = turns;
    turns.begin(this);
  }

  /** True if the present piece is long enough, so that `next` must be awaited. */
  isOver(weight: number): boolean {
    return this.#turns.isOver(this, weight);
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = resolve;
      this.#turns.wait(this, false);
    });
  }

  takeTurn(): 'later' {
    this.#turns.begin(this);
    this.#goOn?.();
    return 'later';
  }
}
