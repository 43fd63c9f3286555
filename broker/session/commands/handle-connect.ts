import { STREAM_EPOCH } from '../../../shared/header-names.ts';
import type { Caller } from '../../routing/application-port.ts';
import { ProtocolError } from '../../stomp/errors.ts';
import {
  type ClientFrame,
  type Header,
  headerOf,
  type ServerFrame,
  serverFrame,
} from '../../stomp/frame.ts';
import * as h from '../../stomp/header-names.ts';
import { type HeartBeat, negotiateHeartBeat } from '../../stomp/heart-beat.ts';
import { negotiateVersion, type StompVersion } from '../../stomp/version.ts';
import type { BrokerParts } from '../broker-parts.ts';

/** What a CONNECT settles on, whoever it is. */
export interface Negotiated {
  readonly heartBeat: HeartBeat;
  readonly version: StompVersion;
}

/** STOMP 1.2, "Connecting": STOMP is treated as CONNECT. Throws ProtocolError. */
export function negotiate(frame: ClientFrame, ownMs: number): Negotiated {
  const version = negotiateVersion(headerOf(frame, h.ACCEPT_VERSION));
  if (version === null) {
    throw new ProtocolError('VERSION_NOT_SUPPORTED', headerOf(frame, h.ACCEPT_VERSION));
  }
  // 1.0 has no heart-beats: a header of that name means nothing there.
  const asked = version === '1.0' ? undefined : headerOf(frame, h.HEART_BEAT);
  return { heartBeat: negotiateHeartBeat(asked, ownMs), version };
}

/** What a client hears that is let in. */
export function connectedFrame(
  caller: Caller,
  version: StompVersion,
  { engine, limits, serverName }: BrokerParts,
): ServerFrame {
  const headers: Header[] = [
    [h.SESSION, caller.sessionId],
    [h.SERVER, serverName],
    [STREAM_EPOCH, engine.epoch],
  ];
  if (caller.user !== null) headers.push([h.USER_NAME, caller.user]);
  // STOMP 1.0 has no version header.
  if (version !== '1.0') {
    const { heartBeatMs } = limits;
    headers.unshift([h.VERSION, version], [h.HEART_BEAT, `${heartBeatMs},${heartBeatMs}`]);
  }
  return serverFrame('CONNECTED', headers);
}
