// The states of a session:
//
//   opened ──CONNECT──▶ logging-in ──admitted──▶ connected ──DISCONNECT──▶ closed
//      └──────────────────── any error, or a refusal ────────────────────────▲

import { ProtocolError } from '../stomp/errors.ts';
import type { ClientFrame } from '../stomp/frame.ts';
import type { Handshake } from '../transport/transport.ts';
import type { CloseReasonName } from './close-reasons.ts';
import type { Conversation } from './conversation.ts';

export type SessionState =
  /** The handshake is kept only until the login, because authentication may inspect it. */
  | { readonly phase: 'opened'; readonly handshake: Handshake }
  /** Frames that arrive during authentication are held. */
  | { readonly phase: 'logging-in' }
  | { readonly phase: 'connected'; readonly conversation: Conversation }
  | { readonly phase: 'closed'; readonly reason: CloseReasonName };

/** The role of a frame in the state in which it arrives. */
export type Role =
  | { readonly type: 'login'; readonly handshake: Handshake }
  | { readonly type: 'request'; readonly conversation: Conversation }
  | { readonly type: 'late' };

/** Decides the role of a frame; throws ProtocolError if the state does not allow it. Pure. */
export function roleOf(state: SessionState, frame: ClientFrame): Role {
  const connects = frame.command === 'CONNECT' || frame.command === 'STOMP';
  switch (state.phase) {
    case 'opened':
      if (!connects) throw new ProtocolError('NOT_CONNECTED', frame.command);
      return { type: 'login', handshake: state.handshake };
    case 'logging-in':
      throw new Error('a frame was read while its session was logging in');
    case 'connected':
      if (connects) throw new ProtocolError('ALREADY_CONNECTED');
      return { type: 'request', conversation: state.conversation };
    case 'closed':
      // STOMP 1.2, "DISCONNECT": no frame may follow it, so later frames are ignored.
      return { type: 'late' };
  }
}
