// Row 1h: pages of history, and everything else that one request makes the server read.

import { each, frame, subscribe, talk } from '../frames.mjs';
import { request } from '../http.mjs';

const ROOM = 'history';
const DESTINATION = `/topic/chat/room/${ROOM}`;
const PAGE = `/api/rooms/${ROOM}/messages?limit=200`;

/** Large messages count several times towards the rates: a session says few of them. */
const MESSAGES_A_SESSION = 10;

/** A room with so many messages, said by sessions that keep to their rates. */
async function fill(context, count, message) {
  await context.many(Math.ceil(count / MESSAGES_A_SESSION), async (number) => {
    const line = await context.session({ from: `127.0.5.${(number % 250) + 1}` });
    if (line === null) return;
    line.write(subscribe('/user/queue/errors', 'errors'));
    line.write(each(MESSAGES_A_SESSION, (at) => talk(ROOM, `${number}-${at} ${message}`)));
    await line.receipted('SEND', { destination: '/topic/none' });
    line.end();
  });
}

async function pipelined(context, connections, path) {
  const chunk = Buffer.concat(Array.from({ length: 200 }, () => request('GET', path)));
  await context.many(connections, async () => {
    while (!context.isOver) {
      const http = context.openHttp();
      while (!http.closed && !context.isOver) {
        http.write(chunk);
        for (let at = 0; at < 200 && !http.closed && !context.isOver; at += 1) await http.answer();
      }
      http.end();
      await context.pause(10);
    }
  });
}

export const HISTORY = [
  {
    name: '1h-pipelined',
    row: '1h',
    says: '200 GETs of full pages of history on one connection, again and again',
    run: async (context) => {
      await fill(context, 1_000, 'x'.repeat(3_900));
      await pipelined(context, 1, PAGE);
    },
  },
  {
    name: '1h-many-connections',
    row: '1h',
    says: '100 connections that ask for full pages of history',
    run: async (context) => {
      await fill(context, 1_000, 'x'.repeat(3_900));
      await pipelined(context, 100, PAGE);
    },
  },
  {
    name: '1h-other-pages',
    row: '1h',
    says: '100 connections that ask for another page each time, of 4,000 small messages',
    run: async (context) => {
      await fill(context, 4_000, 'x');
      await context.many(100, async (number) => {
        const http = context.openHttp();
        await context.again(async (at) => {
          const before = ((number * 37 + at * 101) % 3_800) + 2;
          const path = `/api/rooms/${ROOM}/messages?limit=200&before=${before}`;
          return (await http.ask('GET', path)) || context.pause(20);
        });
      });
    },
  },
  {
    name: '1h-other-large-pages',
    row: '1h',
    says: '100 connections that ask for another page of 200 messages of 3.9 KB each time',
    run: async (context) => {
      await fill(context, 2_000, 'x'.repeat(3_900));
      await context.many(100, async (number) => {
        const http = context.openHttp();
        await context.again(async (at) => {
          const before = ((number * 37 + at * 101) % 1_900) + 2;
          const path = `/api/rooms/${ROOM}/messages?limit=200&before=${before}`;
          return (await http.ask('GET', path)) || context.pause(20);
        });
      });
    },
  },
  {
    name: '1h-deaf-readers',
    row: '1h',
    says: '200 connections that pipeline 200 GETs of history each, and never read',
    run: async (context) => {
      await fill(context, 1_000, 'x'.repeat(3_900));
      const chunk = Buffer.concat(Array.from({ length: 200 }, () => request('GET', PAGE)));
      await context.many(200, async () => {
        const http = context.openHttp();
        http.deafen();
        http.write(chunk);
        await context.pause(20);
      });
    },
  },
  {
    name: '1h-catch-up-1000',
    row: '1h',
    says: '20 sessions whose 1,000 subscriptions catch up with 1,000 messages from the first on, again and again',
    run: async (context) => {
      await fill(context, 1_000, 'x'.repeat(3_900));
      const chunk = each(50, (at) =>
        Buffer.concat([
          subscribe(DESTINATION, `${at}`, { 'x-stream-offset': 'first' }),
          frame('UNSUBSCRIBE', { id: `${at}` }),
        ]),
      );
      await context.many(20, async () => {
        while (!context.isOver) {
          const line = await context.session();
          if (line === null) await context.pause(20);
          else await context.pour(line, () => chunk);
        }
      });
    },
  },
  {
    name: '1h-catch-up-ids',
    row: '1h',
    says: '50 sessions with 8 subscriptions each, with ids of their own, that catch up from the first on',
    run: async (context) => {
      await fill(context, 1_000, 'x'.repeat(3_900));
      await context.many(Number.POSITIVE_INFINITY, async (number) => {
        const line = await context.session();
        if (line === null) return context.pause(20);
        line.write(
          each(8, (at) =>
            subscribe(DESTINATION, `${number}-${at}`, { 'x-stream-offset': 'first' }),
          ),
        );
        await context.pause(1_000);
        line.end();
      });
    },
  },
  {
    name: '1h-page-files',
    row: '1h',
    says: '100 connections that ask for the page, its assets and things that are not there',
    run: (context) =>
      context.many(100, async () => {
        const http = context.openHttp();
        const paths = ['/', '/rooms/1', '/index.html', '/assets/none.js', `/${'a/'.repeat(3_000)}`];
        await context.again(
          async (at) => (await http.ask('GET', paths[at % paths.length])) || context.pause(20),
        );
      }),
  },
];
