import { Client } from '@stomp/stompjs';
import SockJS from 'sockjs-client';
import type { LinkEnd, LinkEvents } from './link.ts';
import { StompLink } from './stomp-link.ts';

const CONNECT_WITHIN_MS = 10_000;
const HEART_BEAT_MS = 10_000;
/** Transports that the broker serves, in the order in which SockJS falls back. */
const TRANSPORTS = ['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling'];

export interface StompLinkOptions {
  /** Destination of the session's refusals. */
  readonly refusals: string;
  /** The SockJS endpoint. */
  readonly url: string;
}

/** Makes one attempt with a client of its own, so that the next attempt shares no state with it. */
export function openStompLink({ refusals, url }: StompLinkOptions, events: LinkEvents): void {
  const socket = socketTo(url);
  if (socket === null) {
    queueMicrotask(() => events.onEnded({ type: 'closed' }));
    return;
  }
  let isOver = false;
  const end = (reason: LinkEnd): void => {
    if (isOver) return;
    isOver = true;
    void client.deactivate({ force: true }); // settles when the socket is closed; not awaited
    events.onEnded(reason);
  };
  const client = new Client({
    connectionTimeout: CONNECT_WITHIN_MS,
    heartbeatIncoming: HEART_BEAT_MS,
    heartbeatOutgoing: HEART_BEAT_MS,
    reconnectDelay: 0, // `Connection` reconnects
    webSocketFactory: () => socket,
  });
  client.onConnect = () => {
    const cut = () => end({ type: 'closed' });
    if (!isOver) events.onOpened(new StompLink(client, refusals, cut));
  };
  client.onStompError = ({ headers }) => {
    const { code = 'UNKNOWN', message: text = '' } = headers;
    end({ type: 'refused', refusal: { code, text } });
  };
  client.onWebSocketClose = () => end({ type: 'closed' });
  client.activate();
}

/** `null` if SockJS rejects the URL. Inside stompjs its exception would be lost. */
function socketTo(url: string): WebSocket | null {
  try {
    return new SockJS(url, undefined, { transports: TRANSPORTS });
  } catch {
    return null;
  }
}
