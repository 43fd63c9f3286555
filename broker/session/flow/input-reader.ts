// From the bytes that come to the frames that are handled, one at a time and in fair turns. What
// cannot be handled yet is held, not dropped, and the transport is paused if it is too much.

import type { MemoryShare } from '../../limits/memory-share.ts';
import { FrameDecoder, type FrameLimits } from '../../stomp/decoder.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import type { ClientFrame } from '../../stomp/frame.ts';
import type { StompVersion } from '../../stomp/version.ts';
import type { Transport } from '../../transport/transport.ts';
import { type InputTurns, Slice, type TurnTaker } from './input-turns.ts';

export interface InputLimits extends FrameLimits {
  /** Bytes that a connection may send until its CONNECT frame is complete. */
  readonly connectBytes: number;
}

/**
 * Why nothing more is handled now: `briefly`, as a handler runs; `long`, so the transport is to
 * stop at once; `ended`, for good.
 */
export type Hold = 'none' | 'briefly' | 'long' | 'ended';

/** What a reader asks of its session. */
export interface FrameTaker {
  readonly hold: Hold;
  take(frame: ClientFrame): void;
  /** The bytes that came are no STOMP, or more than they may be. */
  unreadable(error: unknown): void;
  /** Everything that came was handled, or is held. */
  caughtUp(): void;
}

export interface InputReaderOptions {
  /** Whose turns it takes until it is told otherwise. */
  readonly client: string;
  readonly limits: InputLimits;
  readonly memory: MemoryShare;
  readonly transport: Pick<Transport, 'letIn' | 'pause' | 'resume'>;
  readonly turns: InputTurns;
}

/** Input that is held beyond this stops the transport from reading. */
const HELD_BYTES_MAX = 64 * 1024;
/** The same for input that waits for its turn: it belongs to a session that floods the server. */
const WAITING_BYTES_MAX = 8 * 1024;
/** Bytes of a body, or without a whole frame among them, that count as much as a small frame. */
const BYTES_A_FRAME = 1_024;
/** Headers that do. */
const HEADERS_A_FRAME = 4;
/** Only a SEND or an ACK is known to be small work. */
const OTHER_FRAME_WEIGHT = 8;

export class InputReader implements TurnTaker {
  readonly slice: Slice;
  readonly #connectBytesMax: number;
  readonly #decoder: FrameDecoder;
  readonly #memory: MemoryShare;
  readonly #taker: FrameTaker;
  readonly #transport: InputReaderOptions['transport'];
  readonly #turns: InputTurns;
  /** Bytes that came until the CONNECT frame was complete; `null`: it is. */
  #bytesBefore: number | null = 0;
  /** Bytes of a message that is not whole, below the reader. */
  #below = 0;
  #counted = 0;
  /** Bytes that came since frames were last looked for. */
  #freshBytes = 0;
  #isPaused = false;
  #isReading = false;
  #isWaiting = false;

  constructor(taker: FrameTaker, { client, limits, memory, transport, turns }: InputReaderOptions) {
    this.slice = new Slice(client);
    this.#taker = taker;
    this.#connectBytesMax = limits.connectBytes;
    this.#decoder = new FrameDecoder(limits);
    this.#memory = memory;
    this.#transport = transport;
    this.#turns = turns;
  }

  /** True while the client may have sent what is not read yet. */
  get isBehind(): boolean {
    return this.#isPaused || this.#isWaiting;
  }

  get isMidFrame(): boolean {
    return this.#decoder.isMidFrame;
  }

  /** The CONNECT frame is complete: from here on it reads by the rules of this version. */
  speak(version: StompVersion): void {
    this.#bytesBefore = null;
    this.#decoder.speak(version);
    this.#transport.letIn?.();
  }

  /** From its next wait on it takes the turns of this client. */
  belongTo(client: string): void {
    this.slice.client = client;
  }

  received(chunk: Buffer, now: number): void {
    if (this.#bytesBefore !== null) this.#bytesBefore += chunk.length;
    this.#freshBytes += chunk.length;
    this.#decoder.push(chunk);
    this.read(now);
  }

  /** Handles what came, as far as nothing holds it. */
  read(now?: number): void {
    if (this.#isReading) return;
    if (!this.#isWaiting && this.#decoder.waitingBytes > 0) this.#takeFrames(now);
    if (!this.#isWaiting) this.#taker.caughtUp();
    this.#count();
    this.#balance();
  }

  takeTurn(): 'done' {
    this.#isWaiting = false;
    this.read();
    return 'done';
  }

  /** Counts what the transport keeps of a message that is not whole. */
  countBelow(bytes: number): void {
    this.#below = bytes;
    this.#count();
  }

  /** Drops what is left: nothing more is handled. */
  end(): void {
    this.#below = 0;
    this.#isWaiting = false;
    this.#decoder.clear();
    this.#count();
    this.#balance();
  }

  #takeFrames(now: number | undefined): void {
    if (this.#taker.hold !== 'none') return;
    if (!this.#turns.begin(this, now)) {
      this.#wait(true);
      return;
    }
    this.#isReading = true;
    let freshBytes = this.#freshBytes;
    this.#freshBytes = 0;
    try {
      do {
        const frame = this.#next();
        if (frame === null) {
          // Heart-beats and parts of frames are work as well, if there are enough of them.
          this.#turns.isOver(this, Math.trunc(freshBytes / BYTES_A_FRAME));
          break;
        }
        freshBytes = 0;
        this.#taker.take(frame);
        const isOver = this.#turns.isOver(this, weightOf(frame));
        if (isOver && this.#decoder.waitingBytes > 0 && this.#taker.hold === 'none') {
          this.#wait(false);
          break;
        }
      } while (this.#taker.hold === 'none');
    } catch (error) {
      this.#taker.unreadable(error);
    } finally {
      this.#isReading = false;
    }
    this.#decoder.settle();
  }

  #next(): ClientFrame | null {
    const frame = this.#decoder.next();
    if (this.#bytesBefore !== null) this.#checkConnect(frame !== null, this.#bytesBefore);
    return frame;
  }

  #checkConnect(isComplete: boolean, bytes: number): void {
    const used = isComplete ? bytes - this.#decoder.waitingBytes : bytes;
    if (used > this.#connectBytesMax) throw new ProtocolError('CONNECT_TOO_LARGE');
  }

  #wait(isFresh: boolean): void {
    this.#isWaiting = true;
    this.#turns.wait(this, isFresh);
  }

  #count(): void {
    const heldBytes = this.#decoder.heldBytes + this.#below;
    this.#memory.count(heldBytes - this.#counted);
    this.#counted = heldBytes;
  }

  #balance(): void {
    const mustPause = this.#mustPause();
    if (mustPause === this.#isPaused) return;
    this.#isPaused = mustPause;
    if (mustPause) this.#transport.pause();
    else this.#transport.resume();
  }

  #mustPause(): boolean {
    const { waitingBytes } = this.#decoder;
    switch (this.#taker.hold) {
      case 'none':
        return this.#isWaiting && waitingBytes > WAITING_BYTES_MAX;
      case 'briefly':
        // A handler that waits a moment is no reason to stop the socket.
        return waitingBytes > HELD_BYTES_MAX;
      case 'long':
        return true;
      case 'ended':
        return false;
    }
  }
}

/** What handling a frame may cost, in small frames. */
export function weightOf({ body, command, headers }: ClientFrame): number {
  if (command !== 'SEND' && command !== 'ACK') return OTHER_FRAME_WEIGHT;
  return 1 + Math.trunc(body.length / BYTES_A_FRAME + headers.length / HEADERS_A_FRAME);
}
