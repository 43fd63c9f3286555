// One STOMP session on one transport, from its first byte to its end: its state, its login, and all
// ways to close it. `flow/session-input.ts` decides when a frame is handled, the files in commands/
// handle it, `Conversation` holds the parts of a connected session, and `Liveness` measures
// silence.

import { clientKey } from '../limits/client-key.ts';
import type { MemoryHolder } from '../limits/memory-budget.ts';
import { MemoryShare } from '../limits/memory-share.ts';
import { type Maybe, settle } from '../maybe.ts';
import { EOL, encodeFrame } from '../stomp/encoder.ts';
import { ProtocolError } from '../stomp/errors.ts';
import type { ClientFrame, ServerFrame } from '../stomp/frame.ts';
import type { Handshake, Receiver, Transport } from '../transport/transport.ts';
import type { BrokerParts } from './broker-parts.ts';
import { CLOSE_REASONS, type CloseReasonName } from './close-reasons.ts';
import { type Asked, askedOf } from './commands/asked.ts';
import { connectedFrame, type Negotiated, negotiate } from './commands/handle-connect.ts';
import { type Admission, admit, loginOf } from './commands/login.ts';
import { Conversation } from './conversation.ts';
import { errorFrame, failureOf } from './failure.ts';
import { Liveness } from './flow/liveness.ts';
import type { Beating } from './flow/pulse.ts';
import { type InputSession, SessionInput } from './flow/session-input.ts';
import { SessionOutput } from './flow/session-output.ts';
import type { SessionControl } from './session-control.ts';
import { createSessionId } from './session-id.ts';
import { SessionLog } from './session-log.ts';
import type { SessionState } from './session-state.ts';

export class Session implements Beating, InputSession, MemoryHolder, Receiver, SessionControl {
  readonly id = createSessionId();
  readonly memory: MemoryShare;
  readonly #input: SessionInput;
  readonly #liveness: Liveness;
  readonly #log: SessionLog;
  readonly #onEnd: (session: Session) => void;
  readonly #output: SessionOutput;
  readonly #parts: BrokerParts;
  readonly #transport: Transport;
  #state: SessionState;
  #isConnectionLost = false;

  /** @param onEnd runs once, when the broker holds nothing of the session any more */
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
    const { budget, inputTurns: turns, limits, unsent } = parts;
    const { unsentBytesMax } = limits;
    this.#output = new SessionOutput(transport, { unsent, unsentBytesMax }, this);
    const client = clientKey({ address: transport.peer, user: null });
    const { memory } = this;
    this.#input = new SessionInput(this, { budget, client, limits, memory, transport, turns });
    this.#liveness = new Liveness(transport, parts.limits, parts.clock.monotonic());
    parts.pulse.add(this);
    parts.memory.join(this);
  }

  /** Ends the session because its client does not read what it is sent. */
  shed(): void {
    // Several subscriptions may detect a slow client at once.
    if (this.#state.phase === 'closed') return;
    this.#log.shedAsSlow();
    this.fail(errorFrame('SLOW_CONSUMER', 'the client does not read'), 'SLOW_CONSUMER');
  }

  // Called by the memory budget.

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
    // Unsent output would otherwise stay in memory until the transport's linger is over.
    this.#transport.cutOff();
  }

  // Called by the transport.

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
    this.#input.finished();
  }

  closed(): void {
    this.#isConnectionLost = true;
    if (this.#state.phase === 'closed') this.#parts.memory.leave(this);
    if (this.#state.phase === 'connected') this.#state.conversation.deliveryCredit.connectionLost();
    // A client lost during login was never authenticated, so its frames are dropped.
    if (this.#state.phase === 'logging-in') this.close('TRANSPORT_LOST');
    else this.#input.connectionLost();
  }

  // Called by its input.

  get state(): SessionState {
    return this.#state;
  }

  logIn(frame: ClientFrame, handshake: Handshake): Maybe<void> {
    const negotiated = negotiate(frame, this.#parts.limits.heartBeatMs);
    this.#output.speak(negotiated.version);
    this.#input.speak(negotiated.version);
    this.#state = { phase: 'logging-in' };
    const { authenticate } = this.#parts;
    const origin = { handshake, peer: this.#transport.peer, sessionId: this.id };
    const admission = admit(authenticate, loginOf(frame, origin));
    return settle(admission, (made) => this.#admit(made, negotiated, askedOf(frame)));
  }

  // Called by its parts, and by the broker.

  /**
   * Closes once the replies that the client is owed are written, and after them the error, if any.
   */
  close(reason: CloseReasonName, error?: ServerFrame): void {
    const state = this.#end(reason);
    if (state.phase === 'closed') return;
    const goodbye = () => this.#goodbye(reason, error);
    if (state.phase === 'connected') state.conversation.replies.next(goodbye);
    else goodbye();
  }

  /** Closes likewise, with an ERROR for what was thrown. */
  closeOnError(thrown: unknown, reason: CloseReasonName, asked?: Asked): void {
    const { error, isBug } = failureOf(thrown, asked?.receiptId);
    if (isBug) this.#log.failed(thrown);
    else this.#log.protocolBroken(error);
    this.close(isBug ? 'INTERNAL' : reason, error);
  }

  fail(error: ServerFrame, reason: CloseReasonName): void {
    this.#end(reason);
    this.#goodbye(reason, error);
  }

  leave(): void {
    this.close('CLIENT_LEFT');
  }

  abort(error: unknown, asked?: Asked): void {
    this.closeOnError(error, 'INTERNAL', asked);
  }

  beat(now: number): void {
    // A peer whose input we do not read must not be called silent.
    if (this.#input.isBehind) this.#liveness.heard(now);
    const { isMidFrame } = this.#input;
    this.#input.countBelow(this.#transport.midMessageBytes ?? 0);
    const due = this.#liveness.due(now, isMidFrame, this.#parts.pulse.tickMs);
    if (due === 'heart-beat') this.#write(EOL);
    if (due === 'send-timeout') this.#sendTimedOut();
    if (due === 'peer-lost') this.close('HEART_BEAT_LOST');
    if (due === 'connect-timeout')
      this.closeOnError(new ProtocolError('CONNECT_TIMEOUT'), 'CONNECT_TIMEOUT');
    if (due === 'frame-timeout')
      this.closeOnError(new ProtocolError('FRAME_TIMEOUT'), 'PROTOCOL_ERROR');
  }

  #sendTimedOut(): void {
    this.#log.sendTimedOut();
    // At once: replies that are still owed would only wait behind the unsent output.
    this.fail(errorFrame('SEND_TIMEOUT', 'the client takes nothing'), 'SEND_TIMEOUT');
  }

  #admit(admission: Admission, negotiated: Negotiated, asked: Asked): void {
    // The session may have ended while the authenticator ran.
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
      reader: this.#input,
      session: this,
    });
    this.#input.belongTo(conversation.client);
    this.#state = { phase: 'connected', conversation };
    this.#output.say(connectedFrame(caller, negotiated, this.#parts));
  }

  #goodbye(reason: CloseReasonName, error?: ServerFrame): void {
    if (error !== undefined) this.#write(encodeFrame(error, this.#output.version));
    this.#transport.close(CLOSE_REASONS[reason].code, reason);
  }

  #write(bytes: Buffer): void {
    this.#transport.write(this.#transport.encoding.wrap([bytes]));
  }

  /** Removes the session from the broker, once; returns the state that it was in. */
  #end(reason: CloseReasonName): SessionState {
    const state = this.#state;
    if (state.phase === 'closed') return state;
    this.#state = { phase: 'closed', reason };
    this.#parts.pulse.remove(this);
    if (this.#isConnectionLost) this.#parts.memory.leave(this);
    if (state.phase === 'connected') state.conversation.end();
    this.#parts.observer?.observe({ type: 'ended', sessionId: this.id });
    this.#input.end();
    this.#onEnd(this);
    return state;
  }
}
