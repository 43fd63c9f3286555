// Section 3: one address that uses up resources that all share.

import { each, enter, send, subscribe, talk, times } from '../frames.mjs';

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** A few messages by a session, and the next one. */
async function talkByReconnecting(context) {
  await context.many(Number.POSITIVE_INFINITY, async () => {
    const line = await context.session();
    if (line === null) return context.pause(5);
    line.write(subscribe('/user/queue/errors', 'errors'));
    line.write(times(100, talk('flooded')));
    await line.receipted('SEND', { destination: '/topic/none' });
    line.end();
  });
}

/** Creates rooms under ever new ids. */
function intoNewRooms(make) {
  return (context) =>
    context.many(Number.POSITIVE_INFINITY, async (number) => {
      const line = await context.session();
      if (line === null) return context.pause(5);
      line.write(subscribe('/user/queue/errors', 'errors'));
      line.write(each(90, (at) => make(`${number}-${at}`)));
      await line.receipted('SEND', { destination: '/topic/none' });
      line.end();
    });
}

/** Counts whether another address can still create a room and talk in it. */
async function othersCanTalk(context) {
  await context.pause(0);
  const line = await context.session({ from: '127.0.7.1' });
  const isThere = await line?.receipted(
    'SEND',
    { destination: '/app/chat/message' },
    JSON.stringify({ type: 'TALK', roomId: 'of-others', sender: 'b', message: 'x' }),
  );
  context.tally.add(isThere ? 'others can make a room' : 'OTHERS CANNOT MAKE A ROOM');
}

/** Runs the attack for most of the time, and looks then what is left for others. */
function thenOthers(run, look, shareOfTime = 0.8) {
  return async (context) => {
    const enough = context.shorter(shareOfTime);
    await Promise.race([run(enough), enough.timeIsUp]);
    await look(context);
  };
}

async function othersCanQueue(context) {
  const line = await context.session({ from: '127.0.7.2' });
  const isThere = await line?.receipted('SEND', { destination: '/queue/of-others' }, 'x');
  context.tally.add(isThere ? 'others can make a queue' : 'OTHERS CANNOT MAKE A QUEUE');
}

async function othersCanHearPatterns(context) {
  const line = await context.session({ from: '127.0.7.3' });
  const isThere = await line?.receipted('SUBSCRIBE', { destination: '/topic/mine/*', id: '1' });
  context.tally.add(isThere ? 'others can use patterns' : 'OTHERS CANNOT USE PATTERNS');
}

function makeQueues(name, body) {
  return (context) =>
    context.many(Number.POSITIVE_INFINITY, async (number) => {
      const line = await context.session();
      if (line === null) return context.pause(5);
      line.write(subscribe('/user/queue/errors', 'errors'));
      line.write(each(90, (at) => send(`/queue/${name(number, at)}`, body)));
      await line.receipted('SEND', { destination: '/topic/none' });
      line.end();
    });
}

export const SHARES = [
  {
    name: '3-chat-by-reconnecting',
    row: '3',
    says: 'a hundred messages into one room by each session, and a new session then',
    run: talkByReconnecting,
  },
  {
    name: '3-rooms-by-post',
    row: '3',
    says: 'POST /api/rooms without end',
    run: thenOthers(
      (context) =>
        context.many(Number.POSITIVE_INFINITY, async (at) => {
          const body = `{"name":"room ${at}"}`;
          const status = await context.ask('POST', '/api/rooms', { body, headers: JSON_TYPE });
          if (status !== 201) await context.pause(5);
        }),
      othersCanTalk,
    ),
  },
  {
    name: '3-rooms-by-talk',
    row: '3',
    says: 'a TALK into ever new rooms',
    run: thenOthers(
      intoNewRooms((id) => talk(id)),
      othersCanTalk,
    ),
  },
  {
    name: '3-rooms-by-enter',
    row: '3',
    says: 'an ENTER into ever new rooms',
    run: thenOthers(
      intoNewRooms((id) => enter(id)),
      othersCanTalk,
    ),
  },
  {
    name: '3-queues',
    row: '3',
    says: 'a message into ever new queues, by sessions that leave',
    run: thenOthers(
      makeQueues((number, at) => `${number}-${at}`, 'x'),
      othersCanQueue,
    ),
  },
  {
    name: '3-queue-bytes',
    row: '3',
    says: 'a megabyte into ever new queues, by sessions that leave',
    run: thenOthers(
      makeQueues((number, at) => `${number}-${at}`, 'x'.repeat(1_000_000)),
      othersCanQueue,
    ),
  },
  {
    name: '3-queue-consumers',
    row: '3',
    says: '1,000 subscriptions to queues by each of 20 sessions',
    run: thenOthers(async (context) => {
      await context.many(20, async (number) => {
        const line = await context.session();
        line?.write(each(990, (at) => subscribe(`/queue/${number}-${at}`, `${at}`)));
        await line?.receipted('SEND', { destination: '/topic/none' });
      });
    }, othersCanQueue),
  },
  {
    name: '3-patterns',
    row: '3',
    says: 'as many patterns as there may be, by one address',
    run: thenOthers(async (context) => {
      await context.many(120, async (number) => {
        const line = await context.session();
        line?.write(each(99, (at) => subscribe(`/topic/p${number}/${at}/*`, `${at}`)));
        await line?.receipted('SEND', { destination: '/topic/none' });
      });
    }, othersCanHearPatterns),
  },
];
