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

/** What a CONNECT settles on, whoever it is. */
export interface Negotiated {
  readonly heartBeat: HeartBeat;
  /** Whether the client said which versions it accepts. */
  readonly namesVersions: boolean;
  readonly version: StompVersion;
}

/** STOMP 1.2, "Connecting": STOMP is treated as CONNECT. Throws ProtocolError. */
export function negotiate(frame: ClientFrame, ownMs: number): Negotiated {
  const accepted = headerOf(frame, h.ACCEPT_VERSION);
  const version = negotiateVersion(accepted);
  if (version === null) throw new ProtocolError('VERSION_NOT_SUPPORTED', accepted);
  // 1.0 has no heart-beats: a header of that name means nothing there.
  const asked = version === '1.0' ? undefined : headerOf(frame, h.HEART_BEAT);
  const heartBeat = negotiateHeartBeat(asked, ownMs);
  return { heartBeat, namesVersions: accepted !== undefined, version };
}

/** What a client hears that is let in. */
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
  // STOMP 1.2, "CONNECTED": the version is required. 1.0 clients that name no version do not know it.
  if (namesVersions) headers.unshift([h.VERSION, version]);
  return serverFrame('CONNECTED', headers);
}
