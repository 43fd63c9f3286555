// Rows 1a and 1b: one SEND that many subscriptions of few sessions have to be given.

import { each, frame, send, subscribe, times } from '../frames.mjs';

const TOPIC = '/topic/abuse';
const KIB = 1_024;
const MIB = 1_024 * KIB;
/** The limits of a frame are 100 headers of 8 KiB; some room is left for the other headers. */
const HEADERS = 95;
const HEADER_BYTES = 8_180;

/** Headers that are as long as they may be; on the wire each escaped character has two octets. */
function fatHeaders(character) {
  const escaped = { ':': '\\c', '\n': '\\n', '\\': '\\\\' }[character] ?? character;
  const length = Math.floor(HEADER_BYTES / Buffer.byteLength(escaped));
  return Array.from({ length: HEADERS }, (_, at) => [`h${at}`, escaped.repeat(length)]);
}

/** A header may have a `:` in its value that is not escaped, and comes out as two octets. */
function colonHeaders() {
  return Array.from({ length: HEADERS }, (_, at) => [`h${at}`, ':'.repeat(HEADER_BYTES)]);
}

function fatSend(headers, body = '') {
  return frame('SEND', [['destination', TOPIC], ...headers], body);
}

/** Sessions of so many ids each on one topic, and one of them that sends the same again and again. */
function fanOut({ sessions, ids, bytes, everyMs = 0 }) {
  return async (context) => {
    const members = await context.sessions(sessions);
    for (const line of members) {
      line.write(each(ids, (at) => subscribe(TOPIC, `${at}`)));
    }
    await Promise.all(
      members.map((line) => line.receipted('SEND', { destination: '/topic/none' })),
    );
    const sender = await context.session();
    await context.again(async () => {
      if (sender === null || sender.closed !== null) return context.pause(20);
      await sendOnce(context, sender, bytes);
      if (everyMs > 0) await context.pause(everyMs);
    });
  };
}

async function sendOnce(context, sender, bytes) {
  sender.write(bytes);
  context.tally.add('SENDs');
  await sender.drained();
  await sender.receipted('SEND', { destination: '/topic/none' });
}

const COLONS = fatSend(colonHeaders());

/** As `fanOut`, over the WebSocket of SockJS, where JSON escapes once more. */
async function overSockJs(context, path, bytes) {
  const line = await context.webSocket({ path });
  const text = (value) => Buffer.from(JSON.stringify([value.toString('utf8')]));
  line.write(text(frame('CONNECT', { 'accept-version': '1.2', host: 'localhost' })));
  line.write(text(each(300, (at) => subscribe(TOPIC, `${at}`))));
  await context.pause(500);
  const sender = await context.session();
  await context.again(() =>
    sender === null ? context.pause(20) : sendOnce(context, sender, bytes),
  );
}

export const FAN_OUT = [
  {
    name: '1a-colons-300',
    row: '1a',
    says: '300 subscriptions of one session to one topic; SENDs with 780 KB of `:` in headers',
    run: fanOut({ sessions: 1, ids: 300, bytes: COLONS }),
  },
  {
    name: '1a-colons-8',
    row: '1a',
    says: '8 subscriptions of one session to one topic, the same SENDs',
    run: fanOut({ sessions: 1, ids: 8, bytes: COLONS }),
  },
  {
    name: '1a-colons-ids-of-many',
    row: '1a',
    says: '100 sessions with 8 ids each that nobody else has, the same SENDs',
    run: async (context) => {
      const members = await context.sessions(100);
      for (const [number, line] of members.entries()) {
        line.write(each(8, (at) => subscribe(TOPIC, `${number}-${at}`)));
      }
      const sender = await context.session();
      await context.again(() =>
        sender === null ? context.pause(20) : sendOnce(context, sender, COLONS),
      );
    },
  },
  {
    name: '1a-patterns',
    row: '1a',
    says: '8 subscriptions to a topic, and 8 to each of three patterns that match it; the same SENDs',
    run: async (context) => {
      const line = await context.session();
      if (line === null) return;
      const places = [TOPIC, '/topic/*', '/topic/**', `${TOPIC}/**`];
      line.write(each(8 * places.length, (at) => subscribe(places[at >> 3], `${at}`)));
      const sender = await context.session();
      await context.again(() =>
        sender === null ? context.pause(20) : sendOnce(context, sender, COLONS),
      );
    },
  },
  {
    name: '1a-small-to-many-ids',
    row: '1a',
    says: '125 sessions with 8 ids of their own, and 20 that pipeline tiny SENDs to them',
    run: async (context) => {
      await context.many(125, async (number) => {
        const line = await context.session();
        line?.write(each(8, (at) => subscribe(TOPIC, `${number}-${at}`)));
        await line?.receipted('SEND', { destination: '/topic/none' });
      });
      const small = times(500, send(TOPIC, 'x'));
      await context.many(20, async () => {
        const sender = await context.session();
        if (sender !== null) await context.pour(sender, () => small);
      });
    },
  },
  {
    name: '1a-line-ends',
    row: '1a',
    says: '8 subscriptions; headers of escaped line ends and backslashes',
    run: fanOut({
      sessions: 1,
      ids: 8,
      bytes: fatSend([...fatHeaders('\n').slice(0, 47), ...fatHeaders('\\').slice(47)]),
    }),
  },
  {
    name: '1a-long-ids',
    row: '1a',
    says: '1,000 subscriptions of one session with ids of 8 KB of `:`, small SENDs',
    run: async (context) => {
      const line = await context.session();
      if (line === null) return;
      for (let at = 0; at < 1_000 && line.closed === null; at += 1) {
        if (!line.write(subscribe(TOPIC, `${at}${':'.repeat(8_100)}`))) await line.drained();
      }
      const sender = await context.session();
      await context.again(() =>
        sender === null ? context.pause(20) : sendOnce(context, sender, send(TOPIC, 'x')),
      );
    },
  },
  {
    name: '1a-sockjs-json',
    row: '1a',
    says: '300 subscriptions over SockJS; a body of 1 MiB of quotes and control characters',
    run: (context) =>
      overSockJs(
        context,
        '/websc/000/abuse/websocket',
        send(TOPIC, '"\u0001\\\u001f'.repeat(200 * KIB)),
      ),
  },
  {
    name: '1a-sockjs-8-many',
    row: '1a',
    says: '40 sessions over SockJS with 8 ids of their own; the same bodies',
    run: async (context) => {
      const body = send(TOPIC, '"\u0001\\\u001f'.repeat(200 * KIB));
      const text = (value) => Buffer.from(JSON.stringify([value.toString('utf8')]));
      await context.many(40, async (number) => {
        const line = await context.webSocket({ path: `/websc/000/s${number}/websocket` });
        line.write(text(frame('CONNECT', { 'accept-version': '1.2', host: 'localhost' })));
        line.write(text(each(8, (at) => subscribe(TOPIC, `${number}-${at}`))));
      });
      const sender = await context.session();
      await context.again(() =>
        sender === null ? context.pause(20) : sendOnce(context, sender, body),
      );
    },
  },
  {
    name: '1b-4x1000',
    row: '1b',
    says: '4 sessions with 1,000 subscriptions each to one topic; a SEND of 1 MB, again and again',
    run: fanOut({
      sessions: 4,
      ids: 1_000,
      bytes: send(TOPIC, Buffer.alloc(MIB - 64, 'x')),
      everyMs: 100,
    }),
  },
  {
    name: '1b-8-each-deaf',
    row: '1b',
    says: '200 sessions with 8 ids of their own that never read; SENDs of 1 MB',
    run: async (context) => {
      const members = await context.sessions(200);
      for (const [number, line] of members.entries()) {
        line.write(each(8, (at) => subscribe(TOPIC, `${number}-${at}`)));
      }
      await Promise.all(
        members.map((line) => line.receipted('SEND', { destination: '/topic/none' })),
      );
      for (const line of members) line.deafen();
      const sender = await context.session();
      const bytes = send(TOPIC, Buffer.alloc(MIB - 64, 'x'));
      await context.again(() =>
        sender === null ? context.pause(20) : sendOnce(context, sender, bytes),
      );
    },
  },
  {
    name: '1b-acknowledging',
    row: '1b',
    says: '100 sessions with 8 subscriptions that acknowledge and never do; SENDs of 100 KB',
    run: async (context) => {
      const members = await context.sessions(100);
      for (const [number, line] of members.entries()) {
        const more = { ack: 'client', 'prefetch-count': '0' };
        line.write(each(8, (at) => subscribe(TOPIC, `${number}-${at}`, more)));
      }
      const sender = await context.session();
      const bytes = send(TOPIC, Buffer.alloc(100 * KIB, 'x'));
      await context.again(() =>
        sender === null ? context.pause(20) : sendOnce(context, sender, bytes),
      );
    },
  },
];
