// Section 2, HTTP connections, and section 3, connects: clients that only open connections, or keep
// them waiting.

import { frame } from '../frames.mjs';
import { request } from '../http.mjs';

const UPGRADE = [
  'GET /websc/websocket HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];

/** Opens `count` HTTP connections, writes to each, and counts those that stay open. */
function hold(count, say) {
  return async (context) => {
    const all = await context.many(count, async (at) => {
      const http = context.openHttp();
      await new Promise((resolve) => {
        http.socket.once('connect', resolve);
        http.whenClosed(resolve);
      });
      await say(http, at, context);
      return http;
    });
    await context.again(async () => {
      context.tally.most('HTTP connections at once', all.filter(({ closed }) => !closed).length);
      await context.pause(100);
    });
    context.tally.add('HTTP connections at the end', all.filter(({ closed }) => !closed).length);
  };
}

const nothing = () => undefined;

export const CONNECTIONS = [
  {
    name: '2-http-idle',
    row: '2',
    says: '4,000 HTTP connections that say nothing',
    run: hold(4_000, nothing),
  },
  {
    name: '2-http-idle-600',
    row: '2',
    says: '4,000 HTTP connections that say nothing, where 600 may be open',
    settings: ['--connections-max', '600'],
    run: hold(4_000, nothing),
  },
  {
    name: '2-http-kept-alive',
    row: '2',
    says: '4,000 HTTP connections that asked once and stay',
    run: hold(4_000, (http) => http.ask('GET', '/healthz')),
  },
  {
    name: '2-http-half-open',
    row: '2',
    says: '4,000 HTTP connections that end their side in the middle of a request',
    run: hold(4_000, (http) => {
      http.write(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n'));
      http.socket.end();
    }),
  },
  {
    name: '2-slow-headers',
    row: '2',
    says: '2,000 HTTP connections whose headers come octet by octet and never end',
    run: hold(2_000, (http, _, context) => {
      http.write(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n'));
      const timer = setInterval(() => http.write(Buffer.from('x')), 1_000);
      http.whenClosed(() => clearInterval(timer));
      return context.pause(0);
    }),
  },
  {
    name: '2-slow-bodies',
    row: '2',
    says: '2,000 POSTs whose bodies come octet by octet',
    run: hold(2_000, (http) => {
      const whole = request('POST', '/api/rooms', {
        body: `{"name":"${'x'.repeat(1_000)}"}`,
        headers: { 'Content-Type': 'application/json' },
      });
      http.write(whole.subarray(0, -1_000));
      const timer = setInterval(() => http.write(Buffer.from('x')), 1_000);
      http.whenClosed(() => clearInterval(timer));
    }),
  },
  {
    name: '2-upgrades-half',
    row: '2',
    says: '2,000 upgrade requests without their last line',
    run: hold(2_000, (http) => http.write(Buffer.from(UPGRADE.join('\r\n')))),
  },
  {
    name: '2-tcp-idle',
    row: '2',
    says: '4,000 TCP connections that say nothing',
    run: (context) =>
      context.many(4_000, async () => {
        const line = context.open();
        await new Promise((resolve) => {
          line.socket.once('connect', resolve);
          line.whenClosed(resolve);
        });
      }),
  },
  {
    name: '3-reconnects-tcp',
    row: '3',
    says: 'CONNECT and gone, as fast as it goes, over TCP',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async () => {
        const line = await context.session();
        line?.end();
        if (line === null) await context.pause(5);
      }),
  },
  {
    name: '3-reconnects-websocket',
    row: '3',
    says: 'upgrade, CONNECT and gone, as fast as it goes',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async () => {
        const line = await context.webSocket();
        const isIn = await line.logIn();
        line.end();
        if (!isIn) await context.pause(5);
      }),
  },
  {
    name: '3-connects-refused',
    row: '3',
    says: 'connections that break STOMP at once: what is written into the log',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async () => {
        const line = context.open();
        line.write(frame('SUBSCRIBE', { destination: '/topic/a', id: '1' }));
        await new Promise((resolve) => line.whenClosed(resolve));
      }),
  },
  {
    name: '3-origins-refused',
    row: '5',
    says: 'requests from other origins, another one each time: what is written into the log',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async (at) => {
        const headers = { Origin: `http://evil-${at}.example` };
        await context.ask('GET', at % 2 === 0 ? '/api/rooms' : '/websc/info', { headers });
      }),
  },
  {
    name: '3-many-addresses',
    row: '3',
    says: 'sessions from 60,000 addresses: what is remembered of each',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async (at) => {
        const from = `127.${10 + ((at >> 16) % 200)}.${(at >> 8) & 255}.${at & 255 || 1}`;
        const line = await context.session({ from });
        line?.end();
      }),
  },
];
