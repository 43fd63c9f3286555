// Section 2, "waiting": many sessions fill everything that the server keeps for a session.

import { chat, each, frame, send, subscribe, times } from '../frames.mjs';
import { request } from '../http.mjs';
import { binaryMessage, firstFragment, nextFragment, ping, webSocketFrame } from '../websocket.mjs';

const KIB = 1_024;
const MIB = 1_024 * KIB;
const TOPIC = '/topic/abuse';
/** The largest WebSocket message, less what its frame and the rest need. */
const PARTIAL_BYTES = 3_400 * KIB;

/** 4 MiB of frames, as small as they can be, in 16 transactions; nothing is committed. */
function transactions(frameBytes) {
  const frames = Math.min(1_000, Math.floor(MIB / 4 / frameBytes));
  return each(16, (at) => {
    const more = { transaction: `${at}` };
    const held = send(TOPIC, 'x'.repeat(Math.max(0, frameBytes - 40)), more);
    return Buffer.concat([frame('BEGIN', more), times(frames, held)]);
  });
}

function holdTransactions(frameBytes) {
  const bytes = transactions(frameBytes);
  return (context) =>
    context.many(300, async () => {
      const line = await context.session();
      if (line === null) return;
      line.write(bytes);
      if (await line.receipted('SEND', { destination: '/topic/none' })) context.tally.add('held');
    });
}

/** Members that read nothing any more, and someone who talks to them. */
async function deaf(context, { count, open, destination = TOPIC, everyMs = 0 }) {
  const lines = await context.many(count, async (at) => {
    const line = await open(at);
    line?.write(subscribe(destination, 'same'));
    await line?.receipted('SEND', { destination: '/topic/none' });
    line?.deafen();
  });
  context.tally.add('deaf', lines.length);
  const sender = await context.session();
  if (sender === null) return;
  // Headers take more than their octets, and no two messages are the same.
  await context.again(async (at) => {
    sender.write(send(destination, `${at}`.padEnd(60 * KIB, 'x')));
    await sender.drained();
    if (everyMs > 0) await context.pause(everyMs);
  });
}

/** Sends the beginning of a frame and never the rest. */
const PARTIAL = Buffer.concat([
  Buffer.from('CONNECT\n'),
  ...Array.from({ length: 99 }, (_, at) => Buffer.from(`h${at}:${'x'.repeat(8_180)}\n`)),
  Buffer.from(`content-length:${MIB}\n\n`),
  Buffer.alloc(MIB - 1, 'x'),
]);

export const MEMORY = [
  {
    name: '2-transactions-small',
    row: '2',
    says: '300 sessions that hold 16 transactions of 1,000 small frames each',
    run: holdTransactions(64),
  },
  {
    name: '2-transactions-headers',
    row: '2',
    says: '300 sessions that hold transactions of frames with 90 empty headers',
    run: (context) => {
      const headers = Array.from({ length: 90 }, (_, at) => [`${at}`, '']);
      const bytes = each(16, (at) =>
        Buffer.concat([
          frame('BEGIN', { transaction: `${at}` }),
          times(40, frame('SEND', [['destination', TOPIC], ['transaction', at], ...headers])),
        ]),
      );
      return context.many(300, async () => {
        const line = await context.session();
        line?.write(bytes);
        if (await line?.receipted('SEND', { destination: '/topic/none' }))
          context.tally.add('held');
      });
    },
  },
  {
    name: '2-deaf-150',
    row: '2',
    says: '150 connections that never read, and SENDs for them',
    run: (context) => deaf(context, { count: 150, open: () => context.session() }),
  },
  {
    name: '2-deaf-own-bytes',
    row: '2',
    says: '400 connections that never read and share no bytes: each has an id and messages of its own',
    run: async (context) => {
      await context.many(400, async (at) => {
        const line = await context.session();
        if (line === null) return;
        line.write(subscribe(`${TOPIC}/${at}`, `${at}`));
        await line.receipted('SEND', { destination: '/topic/none' });
        line.deafen();
        // 3.9 MiB wait for it: less than what a session is shed for.
        for (let sent = 0; sent < 65; sent += 1) {
          line.write(send(`${TOPIC}/${at}`, `${sent}`.padEnd(60 * KIB, 'x')));
        }
        await context.pause(10);
      });
    },
  },
  {
    name: '2-deaf-websocket',
    row: '2',
    says: '400 WebSockets that never read and share no bytes',
    run: async (context) => {
      await context.many(400, async (at) => {
        const line = await context.webSocket();
        if (!(await line.logIn())) return;
        line.write(subscribe(`${TOPIC}/${at}`, `${at}`));
        await line.receipted('SEND', { destination: '/topic/none' });
        line.deafen();
        for (let sent = 0; sent < 65; sent += 1) {
          line.write(send(`${TOPIC}/${at}`, `${sent}`.padEnd(60 * KIB, 'x')));
        }
        await context.pause(10);
      });
    },
  },
  {
    name: '2-partial-tcp',
    row: '2',
    says: '300 TCP connections with 1.8 MiB of a CONNECT that is never whole',
    run: (context) =>
      context.many(300, async () => {
        const line = context.open();
        line.write(PARTIAL);
        await line.drained();
        await context.pause(10);
      }),
  },
  {
    name: '2-partial-websocket',
    row: '2',
    says: '300 WebSockets with 1.8 MiB of a CONNECT that is never whole',
    run: (context) =>
      context.many(300, async () => {
        const line = await context.webSocket();
        line.write(PARTIAL);
        await line.drained();
        await context.pause(10);
      }),
  },
  {
    name: '2-partial-message',
    row: '2',
    says: '300 WebSockets with 3.4 MiB of a message that is never whole',
    run: (context) =>
      context.many(300, async () => {
        const line = await context.webSocket();
        line.writeRaw(binaryMessage(Buffer.alloc(PARTIAL_BYTES, 'x')).subarray(0, -1));
        await line.drained();
        await context.pause(10);
      }),
  },
  {
    name: '2-fragments',
    row: '2',
    says: '20 WebSockets, before CONNECT, with a message in fragments of one octet that never ends',
    run: async (context) => {
      const fragments = times(20_000, nextFragment(Buffer.of(10)));
      await context.many(20, async () => {
        const line = await context.webSocket();
        line.writeRaw(firstFragment(Buffer.of(10)));
        for (let at = 0; at < 180 && line.closed === null && !context.isOver; at += 1) {
          context.tally.add('fragments', 20_000);
          if (!line.writeRaw(fragments)) await line.drained();
        }
      });
    },
  },
  {
    name: '2-fragments-connected',
    row: '2',
    says: '20 WebSockets that are connected, with a message in fragments of one octet',
    run: async (context) => {
      const fragments = times(20_000, nextFragment(Buffer.of(10)));
      await context.many(20, async () => {
        const line = await context.webSocket();
        if (!(await line.logIn())) return;
        line.writeRaw(firstFragment(Buffer.of(10)));
        for (let at = 0; at < 180 && line.closed === null && !context.isOver; at += 1) {
          context.tally.add('fragments', 20_000);
          if (!line.writeRaw(fragments)) await line.drained();
        }
      });
    },
  },
  {
    name: '2-pings-deaf',
    row: '2',
    says: '50 WebSockets that send pings without end and never read a pong',
    run: async (context) => {
      const pings = times(1_000, ping(Buffer.alloc(125, 'p')));
      await context.many(50, async () => {
        const line = await context.webSocket();
        if (!(await line.logIn())) return;
        line.deafen();
        while (line.closed === null && !context.isOver) {
          context.tally.add('pings', 1_000);
          if (!line.writeRaw(pings)) await line.drained();
          await context.pause(1);
        }
      });
    },
  },
  {
    name: '2-empty-frames',
    row: '2',
    says: '50 WebSockets that send messages without an octet',
    run: async (context) => {
      const empty = times(10_000, webSocketFrame(2, Buffer.alloc(0)));
      await context.many(50, async () => {
        const line = await context.webSocket();
        if (!(await line.logIn())) return;
        while (line.closed === null && !context.isOver) {
          if (!line.writeRaw(empty)) await line.drained();
          await context.pause(0);
        }
      });
    },
  },
  {
    name: '2-partial-xhr-send',
    row: '2',
    says: '200 SockJS sessions over HTTP with 3.4 MiB of a frame that is never whole',
    run: (context) =>
      context.many(200, async (at) => {
        const path = `/websc/000/partial-${at}`;
        if ((await context.ask('POST', `${path}/xhr`)) !== 200) return;
        const http = context.openHttp();
        const body = JSON.stringify([PARTIAL.toString('latin1')]);
        const status = await http.ask('POST', `${path}/xhr_send`, { body });
        context.tally.add(`xhr_send ${status}`);
        // It goes on being polled, so that it is not given up.
        http.write(request('POST', `${path}/xhr`));
      }),
  },
  {
    name: '2-xhr-bodies',
    row: '2',
    says: '300 xhr_send requests with 3.4 MiB of a body whose last octet never comes',
    run: (context) =>
      context.many(300, async (at) => {
        const path = `/websc/000/body-${at}`;
        if ((await context.ask('POST', `${path}/xhr`)) !== 200) return;
        const http = context.openHttp();
        const body = Buffer.alloc(PARTIAL_BYTES, ' ');
        const whole = request('POST', `${path}/xhr_send`, { body });
        http.write(whole.subarray(0, -1));
        await http.drained();
      }),
  },
  {
    name: '2-xhr-streaming-deaf',
    row: '2',
    says: '200 xhr_streaming responses that are never read, with messages for each',
    run: async (context) => {
      await context.many(200, async (at) => {
        const path = `/websc/000/stream-${at}`;
        const http = context.openHttp();
        http.write(request('POST', `${path}/xhr_streaming`));
        await context.pause(50);
        http.deafen();
        const text = Buffer.concat([
          frame('CONNECT', { 'accept-version': '1.2', host: 'localhost' }),
          subscribe(TOPIC, `${at}`),
        ]).toString();
        await context.ask('POST', `${path}/xhr_send`, { body: JSON.stringify([text]) });
      });
      const sender = await context.session();
      if (sender === null) return;
      await context.again(async (at) => {
        sender.write(send(TOPIC, `${at}`.padEnd(60 * KIB, 'x')));
        await sender.receipted('SEND', { destination: '/topic/none' });
      });
    },
  },
  {
    name: '2-xhr-never-polled',
    row: '2',
    says: '2,000 SockJS sessions that are opened, subscribe, and never ask again, over and over',
    run: async (context) => {
      let at = 0;
      const sender = await context.session();
      const sending = context.again(async () => {
        sender?.write(send(TOPIC, 'x'.repeat(20 * KIB)));
        await context.pause(20);
      });
      const opening = context.many(Number.POSITIVE_INFINITY, async () => {
        at += 1;
        const path = `/websc/000/gone-${at}`;
        const http = context.openHttp();
        if ((await http.ask('POST', `${path}/xhr`)) !== 200) return http.end();
        const text = Buffer.concat([
          frame('CONNECT', { 'accept-version': '1.2', host: 'localhost' }),
          subscribe(TOPIC, `${at}`),
        ]).toString();
        await http.ask('POST', `${path}/xhr_send`, { body: JSON.stringify([text]) });
        http.end();
        context.tally.add('SockJS sessions');
      });
      await Promise.all([sending, opening]);
    },
  },
  {
    name: '2-paced',
    row: '2',
    says: '300 sessions with 8 subscriptions that acknowledge nothing: what they are sent waits',
    run: async (context) => {
      await context.many(300, async (at) => {
        const line = await context.session();
        const more = { ack: 'client-individual', 'prefetch-count': '1' };
        line?.write(each(8, (id) => subscribe(`${TOPIC}/${at % 50}`, `${id}`, more)));
        await line?.receipted('SEND', { destination: '/topic/none' });
      });
      const sender = await context.session();
      if (sender === null) return;
      await context.pour(sender, (at) => send(`${TOPIC}/${at % 50}`, 'x'.repeat(4 * KIB)));
    },
  },
  {
    name: '2-open-deliveries',
    row: '2',
    says: '100 sessions with prefetch 10,000 that get tiny messages and acknowledge none',
    run: async (context) => {
      await context.many(100, async () => {
        const line = await context.session();
        const more = { ack: 'client-individual', 'prefetch-count': '10000' };
        line?.write(each(8, (id) => subscribe(TOPIC, `${id}`, more)));
      });
      const sender = await context.session();
      if (sender === null) return;
      await context.pour(sender, () => times(20, send(TOPIC, '')));
    },
  },
  {
    name: '2-queues',
    row: '2',
    says: '20 sessions that fill queues with 1 MB messages which nobody takes',
    run: async (context) => {
      const body = Buffer.alloc(MIB - KIB, 'x');
      await context.many(20, async (number) => {
        const line = await context.session();
        line?.write(subscribe('/user/queue/errors', 'errors'));
        if (line !== null)
          await context.pour(line, (at) => send(`/queue/q${number}-${at % 50}`, body));
      });
    },
  },
  {
    name: '2-queues-open',
    row: '2',
    says: '20 sessions that take small messages from queues, acknowledge none, and come back',
    run: (context) =>
      context.many(Number.POSITIVE_INFINITY, async (number) => {
        const line = await context.session();
        if (line === null) return context.pause(20);
        const queue = `/queue/q${number % 20}`;
        line.write(subscribe('/user/queue/errors', 'errors'));
        line.write(subscribe(queue, 'q', { ack: 'client', 'prefetch-count': '10000' }));
        await context.pour(line, () => times(100, send(queue, 'x')), { countMax: 100 });
        await line.receipted('SEND', { destination: '/topic/none' });
        line.end();
      }),
  },
  {
    name: '2-appends',
    row: '2',
    says: '40 sessions that pipeline SENDs of 1 MB into rooms, 8 MiB on the way for each',
    run: async (context) => {
      const message = 'x'.repeat(4_000);
      const body = { type: 'TALK', sender: 'a', message, filling: 'y'.repeat(50 * KIB) };
      await context.many(40, async (number) => {
        const line = await context.session({ from: `127.0.6.${number + 1}` });
        if (line === null) return;
        line.write(subscribe('/user/queue/errors', 'errors'));
        await context.pour(line, (at) => chat({ ...body, roomId: `r${number}-${at % 4}` }));
      });
    },
  },
  {
    name: '2-appends-topic',
    row: '2',
    says: '40 sessions that pipeline SENDs of 1 MB to a topic, 8 MiB on the way for each',
    run: (context) =>
      context.many(40, async () => {
        const line = await context.session();
        const bytes = send(TOPIC, Buffer.alloc(MIB - KIB, 'x'));
        if (line !== null) await context.pour(line, () => bytes);
      }),
  },
  {
    name: '2-commit-large',
    row: '2',
    says: '40 sessions that commit transactions of 4 MiB',
    run: (context) =>
      context.many(40, async () => {
        const line = await context.session();
        if (line === null) return;
        const more = { transaction: 't' };
        const bytes = Buffer.concat([
          frame('BEGIN', more),
          times(60, send(TOPIC, Buffer.alloc(64 * KIB, 'x'), more)),
          frame('COMMIT', more),
        ]);
        await context.pour(line, () => bytes);
      }),
  },
];
