import { STREAM_EPOCH } from '../../../shared/header-names.ts';
import type { Caller } from '../../application/request.ts';
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

/** The outcome of a CONNECT's negotiation, before the client is authenticated. */
export interface Negotiated {
  readonly heartBeat: HeartBeat;
  /** True if the CONNECT has an `accept-version`. */
  readonly namesVersions: boolean;
  readonly version: StompVersion;
}

/** STOMP 1.2, "Connecting": STOMP is treated as CONNECT. Throws ProtocolError. */
export function negotiate(frame: ClientFrame, ownMs: number): Negotiated {
  const accepted = headerOf(frame, h.ACCEPT_VERSION);
  const version = negotiateVersion(accepted);
  if (version === null) throw new ProtocolError('VERSION_NOT_SUPPORTED', accepted);
  // STOMP 1.0 has no heart-beats, so the header is ignored.
  const asked = version === '1.0' ? undefined : headerOf(frame, h.HEART_BEAT);
  const heartBeat = negotiateHeartBeat(asked, ownMs);
  return { heartBeat, namesVersions: accepted !== undefined, version };
}

/** The CONNECTED frame for an admitted client. */
export function connectedFrame(
  caller: Caller,
  { namesVersions, version }: Pick<Negotiated, 'namesVersions' | 'version'>,
  { engine, limits, serverName }: BrokerParts,
): ServerFrame {
  const headers: Header[] = [
    [h.SESSION, caller.sessionId],
    [h.SERVER, serverName],
    [STREAM_EPOCH, engine.epoch],
  ];
  if (caller.user !== null) headers.push([h.USER_NAME, caller.user]);
  // 1.0 has no heart-beats.
  const { heartBeatMs } = limits;
  if (version !== '1.0') headers.unshift([h.HEART_BEAT, `${heartBeatMs},${heartBeatMs}`]);
  // STOMP 1.2, "CONNECTED": version is required. 1.0 clients that name none do not know it.
  if (namesVersions) headers.unshift([h.VERSION, version]);
  return serverFrame('CONNECTED', headers);
}
