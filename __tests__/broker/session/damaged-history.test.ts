// Subscriptions to a room with a message that is damaged on disk.

import { describe, expect, test } from '@jest/globals';
import { emptyFolder } from '../../support/empty-folder.ts';
import { memoryBroker } from '../../support/memory-broker.ts';
import type { MemoryTransport } from '../../support/memory-transport.ts';
import { turns } from '../../support/turns.ts';
import { damageRecord } from '../engine/damage-record.ts';
import { embeddedEngine, startEmbedded } from '../engine/embedded-store.ts';

const ROOM = '/topic/kept/7';
const keeps = (destination: string) => destination === ROOM;

/** A broker with a room of so many messages, some of them damaged. */
async function brokerWith(count: number, damaged: readonly number[]) {
  const folder = emptyFolder();
  const first = await startEmbedded(folder, { keeps });
  for (let at = 1; at <= count; at += 1) {
    const message = { headers: [], body: Buffer.from(`${at}`) };
    await first.append([{ destination: ROOM, message }]);
  }
  await first.stop();
  for (const offset of damaged) await damageRecord(folder, 'messages', [1, offset], 30);
  const engine = embeddedEngine(folder, { keeps });
  const started = new Promise<void>((resolve) => {
    const { start } = engine;
    engine.start = (...args) => start.apply(engine, args).then(resolve);
  });
  const broker = memoryBroker({}, { engine });
  await started;
  return broker;
}

function subscribe(client: MemoryTransport, start: string, more: Record<string, string> = {}) {
  const headers = { id: '1', destination: ROOM, receipt: 'r', 'x-stream-offset': start };
  client.frame('SUBSCRIBE', { ...headers, ...more });
}

async function heard(client: MemoryTransport): Promise<string> {
  await turns(40);
  return client
    .take()
    .map(({ body, command, headers }) => {
      if (command === 'MESSAGE') return body;
      return command === 'RECEIPT' ? `${headers['x-recovered']}:` : `${command} ${headers.code}`;
    })
    .join(' ');
}

describe('a subscription that was told that nothing is missing', () => {
  test.each([[{}], [{ ack: 'client' }]])(
    'ends at a damaged message, and is told the next time (%j)',
    async (more) => {
      const broker = await brokerWith(8, [5]);
      const [first, second, third] = [broker.connect(), broker.connect(), broker.connect()];

      subscribe(first, 'offset=2', more);
      expect(await heard(first)).toBe('true: ERROR HISTORY_LOST');

      subscribe(second, 'offset=2', more);
      expect(await heard(second)).toBe('false: 2 3 4 6 7 8');

      subscribe(third, 'offset=6', more);
      expect(await heard(third)).toBe('true: 6 7 8');
    },
  );

  test('is so where only the newest one is damaged', async () => {
    const broker = await brokerWith(4, [4]);
    const [first, second] = [broker.connect(), broker.connect()];

    subscribe(first, 'offset=3');
    expect(await heard(first)).toBe('true: 3 ERROR HISTORY_LOST');
    subscribe(second, 'offset=3');
    expect(await heard(second)).toBe('false: 3');
  });
});

describe('a subscription to which no position was promised', () => {
  test.each([
    ['first', '2 3 4 6 7'],
    ['last=4', '6 7'],
    ['next', ''],
  ])('as %s gets all that is there, and then what is live', async (start, expected) => {
    const broker = await brokerWith(8, [1, 5, 8]);
    const client = broker.connect();

    subscribe(client, start);
    expect(await heard(client)).toBe(`true: ${expected}`.trim());

    const talker = broker.connect();
    talker.frame('SEND', { destination: ROOM, receipt: 's' }, 'live');
    while ((await heard(talker)) === '') await turns();
    expect(await heard(client)).toBe('live');
  });

  test('passes over pages of nothing but damaged messages', async () => {
    const lost = Array.from({ length: 130 }, (_, at) => at + 3);
    const broker = await brokerWith(140, lost);
    const client = broker.connect();

    subscribe(client, 'first');

    expect(await heard(client)).toBe('true: 1 2 133 134 135 136 137 138 139 140');
  });
});
