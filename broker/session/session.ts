// One STOMP session on one transport, from its first byte to its end: it reads frames, holds
// input while something must be waited for, and closes, in one place. What a frame does is in the
// handle-… files; what the session has is its conversation's; who was silent for how long is
// its liveness's to know.

import { clientKey } from '../limits/client-key.ts';
import type { MemoryHolder } from '../limits/memory-budget.ts';
import { MemoryShare } from '../limits/memory-share.ts';
import { settle } from '../maybe.ts';
import { EOL, encodeFrame } from '../stomp/encoder.ts';
import { ProtocolError } from '../stomp/errors.ts';
import type { ClientFrame, ServerFrame } from '../stomp/frame.ts';
import type { Handshake, Receiver, Transport } from '../transport/transport.ts';
import type { BrokerParts } from './broker-parts.ts';
import { CLOSE_REASONS, type CloseReasonName } from './close-reasons.ts';
import { type Asked, askedOf } from './commands/asked.ts';
import { connectedFrame, type Negotiated, negotiate } from './commands/handle-connect.ts';
import { handleInRate } from './commands/handle-request.ts';
import { type Admission, admit, loginOf } from './commands/login.ts';
import { Conversation } from './conversation.ts';
import { errorFrame, failureOf } from './failure.ts';
import type { Relieved } from './flow/append-budget.ts';
import { type FrameTaker, type Hold, InputReader } from './flow/input-reader.ts';
import { Liveness } from './flow/liveness.ts';
import type { Beating } from './flow/pulse.ts';
import { SessionOutput } from './flow/session-output.ts';
import type { SessionControl } from './session-control.ts';
import { createSessionId } from './session-id.ts';
import { SessionLog } from './session-log.ts';
import { roleOf, type SessionState } from './session-state.ts';

export class Session
  implements Beating, FrameTaker, MemoryHolder, Receiver, Relieved, SessionControl
{
  readonly id = createSessionId();
  readonly memory: MemoryShare;
  readonly #input: InputReader;
  readonly #liveness: Liveness;
  readonly #log: SessionLog;
  readonly #onEnd: (session: Session) => void;
  readonly #output: SessionOutput;
  readonly #parts: BrokerParts;
  readonly #transport: Transport;
  #state: SessionState;
  /** How it ends as soon as the input that is held is handled. */
  #endsWith: CloseReasonName | null = null;
  #isHandling = false;
  /** The connection has ended. */
  #isLost = false;

  /** @param onEnd runs once, when nothing of the session is left in the broker */
  constructor(
    transport: Transport,
    handshake: Handshake,
    parts: BrokerParts,
    onEnd: (session: Session) => void,
  ) {
    this.#transport = transport;
    this.#state = { phase: 'opened', handshake };
    this.#parts = parts;
    this.#onEnd = onEnd;
    this.#log = new SessionLog(parts.log, this.id, transport);
    this.memory = new MemoryShare(parts.memory);
    const { inputTurns: turns, limits, unsent } = parts;
    const { unsentBytesMax } = limits;
    this.#output = new SessionOutput(transport, { unsent, unsentBytesMax }, this);
    this.#input = new InputReader(this, {
      client: clientKey({ address: transport.peer, user: null }),
      ...{ limits, memory: this.memory, transport, turns },
    });
    this.#liveness = new Liveness(transport, parts.limits, parts.clock.monotonic());
    parts.pulse.add(this);
    parts.memory.join(this);
  }

  /** Ends the session because its client does not read what it is sent. */
  shed(): void {
    // Several of its subscriptions may find out at once.
    if (this.#state.phase === 'closed') return;
    this.#log.shedAsSlow();
    this.fail(errorFrame('SLOW_CONSUMER', 'the client does not read'), 'SLOW_CONSUMER');
  }

  // The holder that the memory budget may shed.

  get heldBytes(): number {
    const state = this.#state;
    const elsewhere =
      state.phase === 'connected' ? state.conversation.bytesElsewhere : this.#output.bufferedBytes;
    return this.memory.bytes + elsewhere;
  }

  shedForMemory(): void {
    this.#log.shedForMemory(this.heldBytes);
    if (this.#state.phase !== 'closed') {
      const error = errorFrame('MEMORY_SHED', 'the server needs the memory that the session holds');
      this.fail(error, 'MEMORY_SHED');
    }
    // What its client does not take at once would wait for the end of its linger.
    this.#transport.cutOff();
  }

  // What the transport tells.

  received(chunk: Buffer): void {
    if (this.#state.phase === 'closed') return;
    const now = this.#parts.clock.monotonic();
    this.#liveness.heard(now);
    this.#input.received(chunk, now);
  }

  alive(): void {
    this.#liveness.alive(this.#parts.clock.monotonic());
  }

  drained(): void {
    if (this.#state.phase === 'connected') this.#state.conversation.deliveryCredit.freed();
  }

  finished(): void {
    this.#endsWith ??= 'CLIENT_LEFT';
    this.#input.read();
  }

  closed(): void {
    this.#endsWith = 'TRANSPORT_LOST';
    this.#isLost = true;
    if (this.#state.phase === 'closed') this.#parts.memory.leave(this);
    if (this.#state.phase === 'connected') this.#state.conversation.deliveryCredit.connectionLost();
    // A client lost during login was never authenticated, so its frames are dropped.
    if (this.#state.phase === 'logging-in') this.close('TRANSPORT_LOST');
    else this.#input.read();
  }

  // What its reader asks.

  /** Input is held, not dropped, while a handler runs or too much waits for its commit. */
  get hold(): Hold {
    const state = this.#state;
    if (state.phase === 'closed') return 'ended';
    // Nobody knows yet whether it may say anything at all.
    if (state.phase === 'logging-in') return 'long';
    if (this.#isHandling) return 'briefly';
    const credit = state.phase === 'connected' ? state.conversation.appendCredit : null;
    if (credit?.isUsedUp === true) return 'long';
    return this.#parts.budget.mayRead(this, credit?.share ?? null) ? 'none' : 'long';
  }

  take(frame: ClientFrame): void {
    try {
      const waits = this.#handle(frame);
      if (waits instanceof Promise) this.#holdFor(waits, frame);
    } catch (error) {
      this.#closeOnError(error, 'PROTOCOL_ERROR', askedOf(frame));
    }
  }

  unreadable(error: unknown): void {
    this.#closeOnError(error, 'PROTOCOL_ERROR');
  }

  caughtUp(): void {
    // STOMP 1.2, "RECEIPT": what was received before the client went should still be processed.
    if (this.#endsWith === null || this.hold !== 'none') return;
    const [state, reason] = [this.#state, this.#endsWith];
    // Who only stops speaking still listens, and is given what it said itself last.
    if (state.phase === 'connected' && reason === 'CLIENT_LEFT') {
      state.conversation.replies.next(() => this.close(reason));
    } else this.close(reason);
  }

  // What others ask of it.

  /** Lets what it is owed go out, then the error if there is one, and closes. */
  close(reason: CloseReasonName, error?: ServerFrame): void {
    const state = this.#end(reason);
    if (state.phase === 'closed') return;
    const goodbye = () => this.#goodbye(reason, error);
    if (state.phase === 'connected') state.conversation.replies.next(goodbye);
    else goodbye();
  }

  fail(error: ServerFrame, reason: CloseReasonName): void {
    this.#end(reason);
    this.#goodbye(reason, error);
  }

  leave(): void {
    this.close('CLIENT_LEFT');
  }

  abort(error: unknown, asked?: Asked): void {
    this.#closeOnError(error, 'INTERNAL', asked);
  }

  relieved(): void {
    this.#input.read();
  }

  beat(now: number): void {
    // What we do not read cannot be held against the peer.
    if (this.#input.isBehind || this.#isHandling) this.#liveness.heard(now);
    const { isMidFrame } = this.#input;
    this.#input.countBelow(this.#transport.midMessageBytes ?? 0);
    const due = this.#liveness.due(now, isMidFrame, this.#parts.pulse.tickMs);
    if (due === 'heart-beat') this.#write(EOL);
    if (due === 'send-timeout') this.#sendTimedOut();
    if (due === 'peer-lost') this.close('HEART_BEAT_LOST');
    if (due === 'connect-timeout')
      this.#closeOnError(new ProtocolError('CONNECT_TIMEOUT'), 'CONNECT_TIMEOUT');
    if (due === 'frame-timeout')
      this.#closeOnError(new ProtocolError('FRAME_TIMEOUT'), 'PROTOCOL_ERROR');
  }

  #sendTimedOut(): void {
    this.#log.sendTimedOut();
    // Replies that wait for their commit would only wait behind the rest.
    this.fail(errorFrame('SEND_TIMEOUT', 'the client takes nothing'), 'SEND_TIMEOUT');
  }

  #holdFor(waits: Promise<void>, frame: ClientFrame): void {
    this.#isHandling = true;
    void waits
      .catch((error: unknown) => this.#closeOnError(error, 'PROTOCOL_ERROR', askedOf(frame)))
      .then(() => {
        this.#isHandling = false;
        this.#input.read();
      });
  }

  #handle(frame: ClientFrame): void | Promise<void> {
    const role = roleOf(this.#state, frame);
    switch (role.type) {
      case 'login':
        return this.#logIn(frame, role.handshake);
      case 'request':
        return handleInRate(role.conversation, frame);
      case 'late':
        return;
    }
  }

  #logIn(frame: ClientFrame, handshake: Handshake): void | Promise<void> {
    const negotiated = negotiate(frame, this.#parts.limits.heartBeatMs);
    this.#output.speak(negotiated.version);
    this.#input.speak(negotiated.version);
    this.#state = { phase: 'logging-in' };
    const { authenticate } = this.#parts;
    const origin = { handshake, peer: this.#transport.peer, sessionId: this.id };
    const admission = admit(authenticate, loginOf(frame, origin));
    return settle(admission, (made) => this.#admit(made, negotiated, askedOf(frame)));
  }

  #admit(admission: Admission, negotiated: Negotiated, asked: Asked): void {
    // It may have been lost or given up while the login ran.
    if (this.#state.phase !== 'logging-in') return;
    if (admission.type === 'refused') {
      const { code, text } = admission;
      this.#log.loginRefused(code);
      this.close('REFUSED', errorFrame(code, text, asked.receiptId));
      return;
    }
    this.#liveness.connected(negotiated.heartBeat);
    const caller = { address: this.#transport.peer, sessionId: this.id, user: admission.user };
    const conversation = new Conversation({
      caller,
      memory: this.memory,
      output: this.#output,
      parts: this.#parts,
      session: this,
    });
    this.#input.belongTo(conversation.client);
    this.#state = { phase: 'connected', conversation };
    this.#output.say(connectedFrame(caller, negotiated, this.#parts));
  }

  /** An ERROR in its turn, and the end. */
  #closeOnError(thrown: unknown, reason: CloseReasonName, asked?: Asked): void {
    const { error, isBug } = failureOf(thrown, asked?.receiptId);
    if (isBug) this.#log.failed(thrown);
    else this.#log.protocolBroken(error);
    this.close(isBug ? 'INTERNAL' : reason, error);
  }

  #goodbye(reason: CloseReasonName, error?: ServerFrame): void {
    if (error !== undefined) this.#write(encodeFrame(error, this.#output.version));
    this.#transport.close(CLOSE_REASONS[reason].code, reason);
  }

  #write(bytes: Buffer): void {
    this.#transport.write(this.#transport.encoding.wrap([bytes]));
  }

  /** Takes the session out of the broker, once; returns the state in which it was. */
  #end(reason: CloseReasonName): SessionState {
    const state = this.#state;
    if (state.phase === 'closed') return state;
    this.#state = { phase: 'closed', reason };
    this.#parts.pulse.remove(this);
    this.#parts.budget.forget(this);
    if (this.#isLost) this.#parts.memory.leave(this);
    if (state.phase === 'connected') state.conversation.end();
    this.#parts.observer?.observe({ type: 'ended', sessionId: this.id });
    this.#input.end();
    this.#onEnd(this);
    return state;
  }
}
