// Decodes the input of one session, and passes its frames on one at a time and in fair turns. Input
// that cannot be handled yet is held, never dropped; if too much is held, the transport pauses.

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
 * The reason to hold frames, if any. `briefly`: a handler runs. `long`: the wait may be long, so the
 * transport stops reading at once. `ended`: no further frame will be handled.
 */
export type Hold = 'none' | 'briefly' | 'long' | 'ended';

/** Receives the frames of a reader. */
export interface FrameTaker {
  readonly hold: Hold;
  take(frame: ClientFrame): void;
  /** The input violates STOMP, or one of its limits. */
  unreadable(error: unknown): void;
  /** All input that has arrived is handled, or held. */
  caughtUp(): void;
}

export interface InputReaderOptions {
  /** The client whose turns it takes until `belongTo` is called. */
  readonly client: string;
  readonly limits: InputLimits;
  readonly memory: MemoryShare;
  readonly transport: Pick<Transport, 'letIn' | 'pause' | 'resume'>;
  readonly turns: InputTurns;
}

/** While a handler runs, more held input than this pauses the transport. */
const HELD_BYTES_MAX = 64 * 1024;
/** The limit for input that waits for its turn: its session floods the server. */
const WAITING_BYTES_MAX = 8 * 1024;
/** Bytes of a body, or of an incomplete frame, that weigh as much as a small frame. */
const BYTES_A_FRAME = 1_024;
/** Headers that weigh as much as a small frame. */
const HEADERS_A_FRAME = 4;
/** The weight of other commands than SEND and ACK, which alone are known to be cheap. */
const OTHER_FRAME_WEIGHT = 8;

export class InputReader implements TurnTaker {
  readonly slice: Slice;
  readonly #connectBytesMax: number;
  readonly #decoder: FrameDecoder;
  readonly #memory: MemoryShare;
  readonly #taker: FrameTaker;
  readonly #transport: InputReaderOptions['transport'];
  readonly #turns: InputTurns;
  /** Bytes received before the CONNECT frame was complete; `null`: it is complete. */
  #bytesBefore: number | null = 0;
  /** Bytes of an incomplete message that the transport keeps. */
  #below = 0;
  #counted = 0;
  /** Bytes received since frames were last looked for. */
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

  /** True while the client may have sent input that is not read yet. */
  get isBehind(): boolean {
    return this.#isPaused || this.#isWaiting;
  }

  get isMidFrame(): boolean {
    return this.#decoder.isMidFrame;
  }

  /** The CONNECT frame is complete: further frames are decoded by the rules of this version. */
  speak(version: StompVersion): void {
    this.#bytesBefore = null;
    this.#decoder.speak(version);
    this.#transport.letIn?.();
  }

  /** From its next wait on, the reader takes the turns of this client. */
  belongTo(client: string): void {
    this.slice.client = client;
  }

  received(chunk: Buffer, now: number): void {
    if (this.#bytesBefore !== null) this.#bytesBefore += chunk.length;
    this.#freshBytes += chunk.length;
    this.#decoder.push(chunk);
    this.read(now);
  }

  /** Passes on the frames that have arrived, unless they are held. */
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

  /** Counts the bytes of an incomplete message that the transport keeps. */
  countBelow(bytes: number): void {
    this.#below = bytes;
    this.#count();
  }

  /** Drops the remaining input. */
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
          // Many heart-beats, or parts of frames, are work as well.
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
        // A short wait for a handler is not worth pausing the socket.
        return waitingBytes > HELD_BYTES_MAX;
      case 'long':
        return true;
      case 'ended':
        return false;
    }
  }
}

/** Estimates the work of handling a frame, in small frames. */
export function weightOf({ body, command, headers }: ClientFrame): number {
  if (command !== 'SEND' && command !== 'ACK') return OTHER_FRAME_WEIGHT;
  return 1 + Math.trunc(body.length / BYTES_A_FRAME + headers.length / HEADERS_A_FRAME);
}
