// The input of one session: frames are handled one at a time, and held, never dropped, while a
// handler runs, a login is under way, or too much waits for its commit. When the connection ends,
// the frames that came before are handled first.

import type { Maybe } from '../../maybe.ts';
import type { ClientFrame } from '../../stomp/frame.ts';
import type { StompVersion } from '../../stomp/version.ts';
import type { Handshake } from '../../transport/transport.ts';
import type { CloseReasonName } from '../close-reasons.ts';
import { type Asked, askedOf } from '../commands/asked.ts';
import { handleInRate } from '../commands/handle-request.ts';
import { roleOf, type SessionState } from '../session-state.ts';
import type { AppendBudget, Relieved } from './append-budget.ts';
import {
  type FrameTaker,
  type Hold,
  InputReader,
  type InputReaderOptions,
} from './input-reader.ts';

/** The session that the input belongs to. */
export interface InputSession {
  readonly state: SessionState;
  /** Closes once the replies that the client is owed are written. */
  close(reason: CloseReasonName): void;
  /** Closes likewise, with an ERROR for what was thrown. */
  closeOnError(thrown: unknown, reason: CloseReasonName, asked?: Asked): void;
  logIn(frame: ClientFrame, handshake: Handshake): Maybe<void>;
}

export interface SessionInputOptions extends InputReaderOptions {
  readonly budget: AppendBudget;
}

export class SessionInput implements FrameTaker, Relieved {
  readonly #budget: AppendBudget;
  readonly #reader: InputReader;
  readonly #session: InputSession;
  /** The reason to close with once all input is handled; `null`: the session stays open. */
  #endsWith: CloseReasonName | null = null;
  #isHandling = false;

  constructor(session: InputSession, options: SessionInputOptions) {
    this.#session = session;
    this.#budget = options.budget;
    this.#reader = new InputReader(this, options);
  }

  // Called by the session.

  /** True while the client may have sent more than was read, and so must not be called silent. */
  get isBehind(): boolean {
    return this.#isHandling || this.#reader.isBehind;
  }

  get isMidFrame(): boolean {
    return this.#reader.isMidFrame;
  }

  received(chunk: Buffer, now: number): void {
    this.#reader.received(chunk, now);
  }

  /** The client has sent its last frame, and may still read. */
  finished(): void {
    this.#endsWith ??= 'CLIENT_LEFT';
    this.#reader.read();
  }

  /** The connection is gone. */
  connectionLost(): void {
    this.#endsWith = 'TRANSPORT_LOST';
    this.#reader.read();
  }

  /** The CONNECT has settled on a version. */
  speak(version: StompVersion): void {
    this.#reader.speak(version);
  }

  /** From here on the input takes the turns of this client. */
  belongTo(client: string): void {
    this.#reader.belongTo(client);
  }

  /** Counts the bytes of an incomplete message that the transport keeps. */
  countBelow(bytes: number): void {
    this.#reader.countBelow(bytes);
  }

  /** Drops all input that was not handled. */
  end(): void {
    this.#budget.forget(this);
    this.#reader.end();
  }

  // Called by the append budget.

  relieved(): void {
    this.#reader.read();
  }

  // Called by the reader.

  get hold(): Hold {
    const { state } = this.#session;
    if (state.phase === 'closed') return 'ended';
    // The client is not authenticated yet.
    if (state.phase === 'logging-in') return 'long';
    if (this.#isHandling) return 'briefly';
    const credit = state.phase === 'connected' ? state.conversation.appendCredit : null;
    if (credit?.isUsedUp === true) return 'long';
    return this.#budget.mayRead(this, credit?.share ?? null) ? 'none' : 'long';
  }

  take(frame: ClientFrame): void {
    try {
      const waits = this.#handle(frame);
      if (waits instanceof Promise) this.#holdFor(waits, frame);
    } catch (error) {
      this.#session.closeOnError(error, 'PROTOCOL_ERROR', askedOf(frame));
    }
  }

  unreadable(error: unknown): void {
    this.#session.closeOnError(error, 'PROTOCOL_ERROR');
  }

  caughtUp(): void {
    // STOMP 1.2, "RECEIPT": frames that came before the client left should still be processed.
    if (this.#endsWith === null || this.hold !== 'none') return;
    const { state } = this.#session;
    const reason = this.#endsWith;
    // A client that only stopped sending still reads, and gets its own messages first.
    if (state.phase === 'connected' && reason === 'CLIENT_LEFT') {
      state.conversation.replies.next(() => this.#session.close(reason));
    } else this.#session.close(reason);
  }

  #handle(frame: ClientFrame): Maybe<void> {
    const role = roleOf(this.#session.state, frame);
    switch (role.type) {
      case 'login':
        return this.#session.logIn(frame, role.handshake);
      case 'request':
        return handleInRate(role.conversation, frame);
      case 'late':
        return;
    }
  }

  #holdFor(waits: Promise<void>, frame: ClientFrame): void {
    this.#isHandling = true;
    void waits
      .catch((error: unknown) => {
        this.#session.closeOnError(error, 'PROTOCOL_ERROR', askedOf(frame));
      })
      .then(() => {
        this.#isHandling = false;
        this.#reader.read();
      });
  }
}
