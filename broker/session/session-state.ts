// The states of a session:
//
//   opened ──CONNECT──▶ logging-in ──admitted──▶ connected ──DISCONNECT──▶ closed
//      └──────────────────── anything wrong, a refusal ──────────────────────▲

import { ProtocolError } from '../stomp/errors.ts';
import type { ClientFrame } from '../stomp/frame.ts';
import type { Handshake } from '../transport/transport.ts';
import type { CloseReasonName } from './close-reasons.ts';
import type { Conversation } from './conversation.ts';

export type SessionState =
  /** What came before the first frame is kept no longer than a login may ask for it. */
  | { readonly phase: 'opened'; readonly handshake: Handshake }
  /** What comes meanwhile is held. */
  | { readonly phase: 'logging-in' }
  | { readonly phase: 'connected'; readonly conversation: Conversation }
  | { readonly phase: 'closed'; readonly reason: CloseReasonName };

/** What a frame is, coming when it does. */
export type Role =
  | { readonly type: 'login'; readonly handshake: Handshake }
  | { readonly type: 'request'; readonly conversation: Conversation }
  | { readonly type: 'late' };

/** What a frame is in this state; ProtocolError where it must not come. Pure. */
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
      // STOMP 1.2, "DISCONNECT": nothing follows it, and nothing is owed for what does.
      return { type: 'late' };
  }
}
