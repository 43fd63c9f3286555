import { describe, expect, test } from '@jest/globals';
import { memoryBroker } from '../../support/memory-broker.ts';
import { turns } from '../../support/turns.ts';

describe('a client that never reads', () => {
  test('is shed when its unsent bytes pass the limit, without an effect on others', async () => {
    const broker = memoryBroker({ unsentBytesMax: 1_000 });
    const [stuck, well, sender] = [broker.connect(), broker.connect(), broker.connect()];
    stuck.frame('SUBSCRIBE', { id: 's', destination: '/topic/x' });
    well.frame('SUBSCRIBE', { id: 's', destination: '/topic/x' });
    stuck.isStuck = true;

    for (let count = 0; count < 20; count += 1) {
      sender.frame('SEND', { destination: '/topic/x' }, 'x'.repeat(100));
      await turns();
    }

    expect(stuck.closedWith).toEqual({ code: 4000, reason: 'SLOW_CONSUMER' });
    expect(stuck.take().at(-1)).toMatchObject({
      command: 'ERROR',
      headers: { code: 'SLOW_CONSUMER' },
    });
    expect(well.take().filter(({ command }) => command === 'MESSAGE')).toHaveLength(20);
    expect(well.closedWith).toBeNull();
  });

  test('is shed as well when all it gets are the RECEIPTs that it asked for', async () => {
    const client = memoryBroker({ unsentBytesMax: 100 }).connect();
    client.isStuck = true;

    for (let count = 0; count < 10; count += 1) {
      client.frame('SEND', { destination: '/topic/x', receipt: `receipt-${count}` });
    }
    await turns();

    expect(client.closedWith?.reason).toBe('SLOW_CONSUMER');
  });

  test('is named in the log at once, and once only', async () => {
    const broker = memoryBroker({ unsentBytesMax: 100 });
    const client = broker.connect();
    for (const id of ['s', 't']) client.frame('SUBSCRIBE', { id, destination: '/topic/x' });
    client.isStuck = true;

    client.frame('SEND', { destination: '/topic/x' }, 'x'.repeat(200));
    await turns();

    const [line, ...more] = broker.log.lines.filter(({ level }) => level === 'warn');
    expect(more).toEqual([]);
    expect(line?.text).toContain('slow consumer');
    expect(line?.fields.bufferedBytes).toBeGreaterThan(200);
  });

  test('leaves no subscription behind, whatever the number of its ids', async () => {
    const broker = memoryBroker({ unsentBytesMax: 100 });
    const client = broker.connect();
    for (const id of ['1', '2', '3']) client.frame('SUBSCRIBE', { id, destination: '/topic/x' });
    client.isStuck = true;

    client.frame('SEND', { destination: '/topic/x' }, 'x'.repeat(200));
    await turns();

    expect(broker.index.has('/topic/x')).toBe(false);
    expect(broker.ended).toHaveLength(1);
  });
});
