// Rows 1f and 1g: what the chat's handlers do for one frame.

import { each, enter, frame, leave, send, subscribe, times } from '../frames.mjs';

const LOBBY = '/app/chat/rooms';
const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Rooms that exist; as many of them as the server lets be made. */
async function makeRooms(context, count, nameOf = (at) => `r${at}`) {
  const perSession = 90;
  await context.many(Math.ceil(count / perSession), async (number) => {
    const line = await context.session({ from: `127.0.2.${(number % 250) + 1}` });
    if (line === null) return;
    line.write(subscribe('/user/queue/errors', 'errors'));
    line.write(each(perSession, (at) => enter(nameOf(number * perSession + at), `p${number}`)));
    await line.receipted('SEND', { destination: '/topic/none' });
  });
}

function askForRooms(context) {
  const chunk = each(20, (at) =>
    Buffer.concat([subscribe(LOBBY, `${at}`), frame('UNSUBSCRIBE', { id: `${at}` })]),
  );
  return context.many(20, async () => {
    const line = await context.session();
    if (line !== null) await context.pour(line, () => chunk);
  });
}

/** Goes into rooms and out of them, with other names each time. */
async function churn(context, sessions) {
  await context.many(sessions, async (number) => {
    const line = await context.session({ from: `127.0.3.${(number % 250) + 1}` });
    if (line === null) return;
    line.write(subscribe('/user/queue/errors', 'errors'));
    await context.again(async (turn) => {
      if (line.closed !== null) return context.pause(20);
      const name = `p${number}-${turn}`;
      line.write(each(20, (at) => Buffer.concat([enter(`r${at}`, name), leave(`r${at}`, name)])));
      await line.receipted('SEND', { destination: '/topic/none' });
      await context.pause(200);
    });
  });
}

function talks(body) {
  const bytes = send('/app/chat/message', body);
  return (context) =>
    context.many(40, async (number) => {
      const line = await context.session({ from: `127.0.4.${number + 1}` });
      if (line === null) return;
      line.write(subscribe('/user/queue/errors', 'errors'));
      await context.again(async () => {
        if (line.closed !== null) return context.pause(20);
        context.tally.add('TALKs');
        line.write(bytes);
        await line.drained();
        await line.receipted('SEND', { destination: '/topic/none' });
      });
    });
}

const fields = Array.from({ length: 90_000 }, (_, at) => `"k${at}":1`).join(',');
const head = '{"type":"TALK","roomId":"1","sender":"a","message":"x"';

export const CHAT = [
  {
    name: '1f-lobby-1000',
    row: '1f',
    says: 'SUBSCRIBE and UNSUBSCRIBE of /app/chat/rooms by 20 sessions, with 1,000 rooms',
    run: async (context) => {
      await makeRooms(context, 1_000, (at) => `room-with-a-long-name-${at}`.padEnd(64, '-'));
      await askForRooms(context);
    },
  },
  {
    name: '1f-lobby-10000-enter',
    row: '1f',
    says: '10,000 rooms; SUBSCRIBE of the list by 20 sessions while 40 go in and out of rooms',
    run: async (context) => {
      await makeRooms(context, 10_000);
      await Promise.all([askForRooms(context), churn(context, 40)]);
    },
  },
  {
    name: '1f-api-rooms',
    row: '1f',
    says: 'GET /api/rooms over 50 connections with 10,000 rooms, while 40 sessions go in and out',
    run: async (context) => {
      await makeRooms(context, 10_000);
      const asking = context.many(50, async () => {
        const http = context.openHttp();
        await context.again(async () => (await http.ask('GET', '/api/rooms')) || context.pause(20));
      });
      await Promise.all([asking, churn(context, 40)]);
    },
  },
  {
    name: '1f-presence',
    row: '1f',
    says: '1,000 names in one room; its presence subscribed to over and over by 20 sessions',
    run: async (context) => {
      const place = '/topic/chat/room/full/presence';
      await context.many(12, async (number) => {
        const line = await context.session({ from: `127.0.2.${number + 1}` });
        line?.write(each(90, (at) => enter('full', `${'n'.repeat(40)}${number}-${at}`)));
        await line?.receipted('SEND', { destination: '/topic/none' });
      });
      const chunk = each(20, (at) =>
        Buffer.concat([subscribe(place, `${at}`), frame('UNSUBSCRIBE', { id: `${at}` })]),
      );
      await context.many(20, async () => {
        const line = await context.session();
        if (line !== null) await context.pour(line, () => chunk);
      });
    },
  },
  {
    name: '1g-json-fields',
    row: '1g',
    says: '40 sessions that TALK with 1 MiB of JSON in 90,000 fields',
    run: talks(`${head},${fields}}`),
  },
  {
    name: '1g-json-array',
    row: '1g',
    says: '40 sessions that TALK with 1 MiB of JSON in one array of empty objects',
    run: talks(`${head},"x":[${'{},'.repeat(340_000)}0]}`),
  },
  {
    name: '1g-json-deep',
    row: '1g',
    says: '40 sessions that TALK with JSON that is nested as deep as a body can be',
    run: talks(`${head},"x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`),
  },
  {
    name: '1g-json-64k',
    row: '1g',
    says: '40 sessions that TALK with 64 KB of JSON, the most that is read',
    run: talks(`${head},"x":[${'{},'.repeat(21_000)}0]}`),
  },
  {
    name: '1g-json-refused',
    row: '1g',
    says: '40 sessions that send 1 MiB which is no JSON, and are refused',
    run: talks('['.repeat(MIB - KIB)),
  },
  {
    name: '1g-api-body',
    row: '1g',
    says: 'POST /api/rooms with bodies of 1 MiB over 50 connections',
    run: (context) => {
      const body = `{"x":[${'{},'.repeat(340_000)}0],"name":"a"}`;
      const headers = { 'Content-Type': 'application/json' };
      return context.many(Number.POSITIVE_INFINITY, () =>
        context.ask('POST', '/api/rooms', { body, headers }),
      );
    },
  },
  {
    name: '1c-typing',
    row: '1c',
    says: '40 sessions that send TYPING as fast as they can',
    run: (context) =>
      context.many(40, async () => {
        const line = await context.session();
        if (line === null) return;
        line.write(subscribe('/user/queue/errors', 'errors'));
        const typing = '{"type":"TYPING","roomId":"1","sender":"a","message":""}';
        await context.pour(line, () => times(200, send('/app/chat/message', typing)));
      }),
  },
];
