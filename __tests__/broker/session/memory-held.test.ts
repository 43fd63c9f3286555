import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Application } from '../../../broker/application/application.ts';
import { reject } from '../../../broker/application/rejection.ts';
import { frameText } from '../../support/frame-text.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { slowEngine } from '../../support/slow-engine.ts';
import { turns } from '../../support/turns.ts';

const KIB = 1_024;

describe('a session counts in the memory budget', () => {
  test('an incomplete frame, and nothing of it once it is complete', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    const frame = frameText('SEND', { destination: '/topic/x' }, 'x'.repeat(100 * KIB));

    for (let at = 0; at < 100 * KIB; at += KIB) client.say(frame.slice(at, at + KIB));
    const held = broker.parts.memory.used;
    client.say(frame.slice(100 * KIB));
    await turns();

    // The decoder's buffer is larger than the bytes that were received.
    expect(held).toBeGreaterThanOrEqual(100 * KIB);
    expect(held).toBeLessThanOrEqual(2 * 100 * KIB + KIB);
    expect(broker.parts.memory.used).toBe(0);
  });

  test('the last bytes of a large frame by their own size', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    const frame = frameText('SEND', { destination: '/topic/x' }, 'x'.repeat(100 * KIB));

    client.say(`${frame}SEND\ndesti`);
    await turns();

    expect(broker.parts.memory.used).toBeGreaterThan(0);
    expect(broker.parts.memory.used).toBeLessThanOrEqual(4 * KIB);
  });

  test('a transaction as what its frames take on the heap, until its COMMIT or ABORT', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    for (const transaction of ['a', 'b']) {
      client.frame('BEGIN', { transaction });
      client.frame('SEND', { destination: '/topic/x', transaction, one: '1', two: '2' }, 'x');
    }
    const held = broker.parts.memory.used;

    client.frame('ABORT', { transaction: 'a' });
    const half = broker.parts.memory.used;
    client.frame('COMMIT', { transaction: 'b' });
    await turns();

    // Two frames with four headers each; their octets are less than 200.
    expect(held).toBeGreaterThan(2 * 1_000);
    expect(half).toBe(held / 2);
    expect(broker.parts.memory.used).toBe(0);
  });

  test('messages that wait for their commit, and the replies behind them', async () => {
    const { commit, engine } = slowEngine();
    const broker = memoryBroker({}, { engine });
    const client = broker.connect();

    client.frame('SEND', { destination: '/topic/x', receipt: '1' }, 'x'.repeat(10 * KIB));
    const sent = broker.parts.memory.used;
    const held = broker.opened[0]?.heldBytes;
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/y', receipt: 'r'.repeat(KIB) });
    client.frame('UNSUBSCRIBE', { id: 's', receipt: 'r'.repeat(KIB) });
    const replies = broker.parts.memory.used - sent;
    await commit();

    // The engine counts the octets of the message.
    expect(sent).toBeGreaterThan(500);
    expect(held).toBeGreaterThan(10 * KIB);
    expect(replies).toBeGreaterThan(2 * KIB);
    expect(broker.parts.memory.used).toBe(0);
  });

  test('deliveries that wait for their acknowledgement', async () => {
    const broker = memoryBroker();
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: 's', destination: '/topic/x', ack: 'client' });
    for (let count = 0; count < 50; count += 1) client.frame('SEND', { destination: '/topic/x' });
    await turns();
    const held = broker.parts.memory.used;

    client.frame('ACK', { id: client.take().at(-1)?.headers.ack ?? '' });

    expect(held).toBeGreaterThan(50 * 300);
    expect(broker.parts.memory.used).toBe(0);
  });
});

test('a transaction of small frames is as large as its frames are on the heap', () => {
  const client = memoryBroker({ transactionBytesMax: 100 * KIB }).connect();
  client.frame('BEGIN', { transaction: 't' });

  for (let count = 0; count < 200; count += 1) {
    client.frame('SEND', { destination: '/topic/x', transaction: 't' });
  }

  // 200 frames of less than 100 octets each.
  expect(client.take().at(-1)?.headers.code).toBe('TRANSACTION_TOO_LARGE');
});

// Random actions of clients, with every kind of end.

const destination = fc.constantFrom(
  '/topic/x',
  '/queue/x',
  '/app/no',
  '/app/later',
  '/user/queue/errors',
  '/topic/*',
);
const small = fc.nat(3).map(String);
const ack = fc.constantFrom('auto', 'client', 'client-individual');
const asks = fc.option(small, { nil: undefined });

const anyFrame = fc.oneof(
  fc.record({ destination, ack, id: small }).map((headers) => ['SUBSCRIBE', headers] as const),
  fc.record({ id: small }).map((headers) => ['UNSUBSCRIBE', headers] as const),
  fc
    .record({ destination, receipt: asks, transaction: asks })
    .map((headers) => ['SEND', headers] as const),
  fc.record({ transaction: small }).map((headers) => ['BEGIN', headers] as const),
  fc.record({ transaction: small, receipt: asks }).map((headers) => ['COMMIT', headers] as const),
  fc.record({ transaction: small }).map((headers) => ['ABORT', headers] as const),
);

const anyStep = fc.oneof(
  { weight: 12, arbitrary: anyFrame.map((frame) => ({ type: 'frame', frame }) as const) },
  { weight: 2, arbitrary: fc.constant({ type: 'acknowledge' } as const) },
  { weight: 2, arbitrary: fc.constant({ type: 'turn' } as const) },
  { weight: 1, arbitrary: fc.constant({ type: 'half a frame' } as const) },
  { weight: 1, arbitrary: fc.constantFrom({ type: 'stuck' }, { type: 'drain' } as const) },
);

const anyEnd = fc.constantFrom('lost', 'DISCONNECT', 'broken', 'shed');

type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

async function play(client: MemoryTransport, step: Step): Promise<void> {
  switch (step.type) {
    case 'frame': {
      const [command, headers] = step.frame;
      const given: [string, string][] = [];
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined) given.push([name, value]);
      }
      client.frame(command, Object.fromEntries(given), command === 'SEND' ? 'body' : '');
      return;
    }
    case 'acknowledge': {
      const id = client.take().find(({ headers }) => headers.ack !== undefined)?.headers.ack;
      if (id !== undefined) client.frame('ACK', { id });
      return;
    }
    case 'turn':
      return turns(1);
    case 'half a frame':
      client.say('SEND\ndestination:/top');
      client.say('ic/x\n\nbody\0');
      return;
    case 'stuck':
      client.isStuck = true;
      return;
    case 'drain':
      client.drain();
  }
}

test('nothing is counted any more once all sessions have ended', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(1), anyStep), { maxLength: 40 }),
      anyEnd,
      async (steps, end) => {
        const application = new Application()
          .message('/no', () => reject('NO', 'never'))
          .message('/later', async () => {
            await turns(1);
            return { publish: [] };
          });
        const broker = memoryBroker({ unsentBytesMax: 10_000 }, { application });
        const clients = [broker.connect(), broker.connect()];
        for (const [who, step] of steps) await play(clients[who] as MemoryTransport, step);

        for (const [at, client] of clients.entries()) {
          client.say('SEND\nhalf');
          if (end === 'DISCONNECT') client.say(':1\ndestination:/topic/x\n\n\0DISCONNECT\n\n\0');
          if (end === 'broken') client.say('\nno header\n\n\0');
          if (end === 'shed') broker.opened[at]?.shedForMemory();
        }
        await turns(6);
        for (const client of clients) client.lose();
        await turns(20);

        for (const session of broker.opened) expect(session.memory.bytes).toBe(0);
        expect(broker.parts.memory.used).toBe(broker.parts.queues.bytes);
        expect(broker.parts.patterns.size).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});
