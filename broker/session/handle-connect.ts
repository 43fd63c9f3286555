import { STREAM_EPOCH } from '../../shared/header-names.ts';
import { ProtocolError } from '../stomp/errors.ts';
import {
  type ClientFrame,
  type Header,
  headerOf,
  type ServerFrame,
  serverFrame,
} from '../stomp/frame.ts';
import * as h from '../stomp/header-names.ts';
import { type HeartBeat, negotiateHeartBeat } from '../stomp/heart-beat.ts';
import { negotiateVersion, type StompVersion } from '../stomp/version.ts';
import type { BrokerParts } from './broker-parts.ts';

export interface Login {
  readonly connected: ServerFrame;
  readonly heartBeat: HeartBeat;
  readonly version: StompVersion;
}

/** What a CONNECT settles on. STOMP 1.2, "Connecting": STOMP is treated as CONNECT. */
export function handleConnect(frame: ClientFrame, sessionId: string, parts: BrokerParts): Login {
  const version = negotiateVersion(headerOf(frame, h.ACCEPT_VERSION));
  if (version === null) {
    throw new ProtocolError('VERSION_NOT_SUPPORTED', headerOf(frame, h.ACCEPT_VERSION));
  }
  const ownMs = parts.limits.heartBeatMs;
  // 1.0 has no heart-beats: a header of that name means nothing there.
  const asked = version === '1.0' ? undefined : headerOf(frame, h.HEART_BEAT);
  const heartBeat = negotiateHeartBeat(asked, ownMs);
  const headers: Header[] = [
    [h.SESSION, sessionId],
    [h.SERVER, parts.serverName],
    [STREAM_EPOCH, parts.engine.epoch],
  ];
  // STOMP 1.0 has no version header.
  if (version !== '1.0') {
    headers.unshift([h.VERSION, version], [h.HEART_BEAT, `${ownMs},${ownMs}`]);
  }
  return { connected: serverFrame('CONNECTED', headers), heartBeat, version };
}
