import { describe, expect, test } from '@jest/globals';
import { endingOf, PIPE_KINDS, Pipe } from '../broker/transport/pipe.ts';
import type { ReceivedFrame } from '../support/parse-frames.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const QUEUE = '/queue/work';
const ROOM = '/topic/chat/room/7';
const MIB = 1_024 * 1_024;

/** SENDs bodies, and waits until all of them are there. */
async function put(sender: SocketClient, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) sender.frame('SEND', { destination: QUEUE }, body);
  sender.frame('SEND', { destination: '/topic/nobody', receipt: 'all' });
  await sender.expectReceipt('all');
}

async function consume(pipe: Pipe, headers: Record<string, string>): Promise<void> {
  pipe.frame('SUBSCRIBE', { destination: QUEUE, id: 'work', receipt: 'r', ...headers });
  await pipe.expectFrame('RECEIPT');
}

async function expectMessages(pipe: Pipe, count: number): Promise<ReceivedFrame[]> {
  const messages: ReceivedFrame[] = [];
  while (messages.length < count) messages.push(await pipe.expectFrame('MESSAGE'));
  return messages;
}

function acknowledge(pipe: Pipe, { headers }: ReceivedFrame): void {
  pipe.frame('ACK', { id: headers.ack ?? '' });
}

describe.each(PIPE_KINDS.map((kind) => [kind.name, kind] as const))('over %s', (_name, kind) => {
  test('two consumers share a queue, and one takes over what the other died with', async () => {
    const { url } = await startServer();
    const sender = await SocketClient.connect(url);
    const [mortal, survivor] = [await Pipe.connect(kind, url), await Pipe.connect(kind, url)];
    const headers = { ack: 'client-individual', 'prefetch-count': '3' };
    for (const pipe of [mortal, survivor]) await consume(pipe, headers);
    await put(sender, ['1', '2', '3', '4', '5', '6', '7', '8']);
    const died = await expectMessages(mortal, 3);
    const own = await expectMessages(survivor, 3);

    await mortal.close();
    for (const message of own) acknowledge(survivor, message);
    const taken = await expectMessages(survivor, 3);
    for (const message of taken) acknowledge(survivor, message);
    const last = await expectMessages(survivor, 2);

    const bodies = [own, taken, last].map((messages) => messages.map(({ body }) => body));
    expect(died.map(({ body }) => body)).toEqual(['1', '3', '5']);
    expect(bodies.flat().sort()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    const marked = [...taken, ...last].filter(({ headers: { redelivered } }) => redelivered);
    expect(marked.map(({ body }) => body).sort()).toEqual(['1', '3', '5']);
  });

  test('an auto consumer that does not read keeps nobody from theirs', async () => {
    const { url } = await startServer({ unsentBytesMax: 64 * MIB });
    const [sender, frozen] = [await SocketClient.connect(url), await SocketClient.connect(url)];
    const reader = await Pipe.connect(kind, url);
    await frozen.subscribe('/topic/flood', 'flood');
    await frozen.subscribe(QUEUE, 'work');
    await consume(reader, {});
    frozen.webSocket.pause();
    // More than the sockets between hold: the rest is unsent.
    for (let sent = 0; sent < 24; sent += 1) {
      sender.frame('SEND', { destination: '/topic/flood' }, 'x'.repeat(MIB));
    }

    await put(sender, ['1', '2', '3']);
    const read = await reader.expectBodies(3);
    frozen.webSocket.resume();
    for (let got = 0; got < 24; got += 1) await frozen.expectFrame('MESSAGE');
    await put(sender, ['4', '5']);
    const shared = [(await frozen.expectFrame('MESSAGE')).body, ...(await reader.expectBodies(1))];

    expect(read).toEqual(['1', '2', '3']);
    expect(shared.sort()).toEqual(['4', '5']);
  });

  test('who takes one message of a room at a time gets them all in order', async () => {
    const { url } = await startServer({ chatRate: 0 });
    const slow = await Pipe.connect(kind, url);
    await consume(slow, { destination: ROOM, ack: 'client', 'prefetch-count': '1' });
    const talkers = [await SocketClient.connect(url), await SocketClient.connect(url)];
    const talk = (count: number) => {
      for (const [at, talker] of talkers.entries()) {
        const body = JSON.stringify({ type: 'TALK', roomId: '7', sender: `${at}`, message: 'hi' });
        for (let said = 0; said < count; said += 1) {
          talker.frame('SEND', { destination: '/app/chat/message' }, body);
        }
      }
    };

    talk(20);
    const positions: number[] = [];
    while (positions.length < 50) {
      const message = await slow.expectFrame('MESSAGE');
      positions.push(Number(message.headers['x-stream-offset']));
      const delivered = slow.frames.filter(({ command }) => command === 'MESSAGE');
      expect(delivered).toHaveLength(positions.length);
      // Others go on while it catches up.
      if (positions.length === 10) talk(5);
      acknowledge(slow, message);
    }

    expect(positions).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  });

  test('who falls behind the history of a room is told so, and may come back', async () => {
    const { url } = await startServer({ chatRate: 0, historyCount: 5 });
    const slow = await Pipe.connect(kind, url);
    await consume(slow, { destination: ROOM, ack: 'client', 'prefetch-count': '1' });
    const talker = await SocketClient.connect(url);
    for (let said = 0; said < 10; said += 1) {
      await talker.chat({ type: 'TALK', roomId: '7', sender: 'a', message: 'hi' }, `${said}`);
    }

    acknowledge(slow, await slow.expectFrame('MESSAGE'));

    expect((await slow.expectFrame('ERROR')).headers.code).toBe('HISTORY_LOST');
    const ending = { code: 4003, reason: 'HISTORY_LOST' };
    expect(await slow.expectClose()).toEqual(endingOf(kind, ending));
  });
});
