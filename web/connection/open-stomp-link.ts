import { Client } from '@stomp/stompjs';
import SockJS from 'sockjs-client';
import type { LinkEnd, LinkEvents } from './link.ts';
import { StompLink } from './stomp-link.ts';

const CONNECT_WITHIN_MS = 10_000;
const HEART_BEAT_MS = 10_000;
/** What the broker serves; SockJS falls back from left to right. */
const TRANSPORTS = ['websocket', 'xhr-streaming', 'eventsource', 'xhr-polling'];

export interface StompLinkOptions {
  /** Where this session's refusals arrive. */
  readonly refusals: string;
  /** The SockJS endpoint. */
  readonly url: string;
}

/** One attempt with a client of its own, which is thrown away with it: the next one starts clean. */
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
    void client.deactivate({ force: true }); // settles when the socket is gone; nobody waits for it
    events.onEnded(reason);
  };
  const client = new Client({
    connectionTimeout: CONNECT_WITHIN_MS,
    heartbeatIncoming: HEART_BEAT_MS,
    heartbeatOutgoing: HEART_BEAT_MS,
    reconnectDelay: 0, // the page's own loop tries again
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

/** `null`: SockJS does not take the address. Thrown inside stompjs that would never be heard of. */
function socketTo(url: string): WebSocket | null {
  try {
    return new SockJS(url, undefined, { transports: TRANSPORTS });
  } catch {
    return null;
  }
}
