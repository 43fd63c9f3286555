import { describe, expect, test } from '@jest/globals';
import { until } from '../broker/transport/until.ts';
import { namedBy, settle } from './acknowledge.ts';
import { fill, newQueue, take } from './queues.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const MODE = 'SUBSCRIBE ack Header';
const MODES = inSections(MODE, MODE, 'SUBSCRIBE');

describe.each(WIRES)('ack modes over $name', (kind) => {
  const wire = useWire(kind);

  test.each(MODES)('K8 (STOMP %s, "%s"): another mode is an ERROR', async (version) => {
    const peer = await wire.connect(version);

    peer.frame('SUBSCRIBE', { id: '0', destination: '/topic/modes', ack: 'Client', receipt: '7' });

    expect((await peer.expectError('BAD_ACK_MODE')).headers['receipt-id']).toBe('7');
  });

  test.each(MODES)('K8 (STOMP %s, "%s"): the default is auto', async (version) => {
    const queue = newQueue();
    const peer = await wire.listen(queue, version, { 'prefetch-count': '1' });

    await fill(wire, queue, 'one', 'two');

    expect((await peer.expect('MESSAGE')).text).toBe('one');
    expect((await peer.expect('MESSAGE')).text).toBe('two');
  });

  test.each(MODES)(
    'K9 (STOMP %s, "%s"): with auto what was sent is acknowledged',
    async (version) => {
      const queue = newQueue();
      const peer = await wire.listen(queue, version, { ack: 'auto' });
      await fill(wire, queue, 'one');
      await peer.expect('MESSAGE');

      const sessions = wire.sessionCount();
      await peer.leave();
      await until(() => wire.sessionCount() < sessions);

      expect(await take(wire, queue, 0)).toEqual([]);
    },
  );

  test.each(MODES)(
    'K10 (STOMP %s, "%s"): with client an ACK counts for all before it',
    async (version) => {
      const queue = newQueue();
      const peer = await wire.listen(queue, version, { ack: 'client' });
      await fill(wire, queue, 'one', 'two', 'three');
      await peer.expect('MESSAGE');
      const two = await peer.expect('MESSAGE');
      await peer.expect('MESSAGE');

      await settle(peer, 'ACK', namedBy(version, two));
      await peer.leave();

      expect(await take(wire, queue, 1)).toEqual([['three', 'true']]);
    },
  );

  test.each(MODES)('K10 (STOMP %s, "%s"): but not for another subscription', async (version) => {
    const [queue, another] = [newQueue(), newQueue()];
    const peer = await wire.listen(another, version, { ack: 'client' });
    await peer.subscribe(queue, { id: '1', ack: 'client' });
    await fill(wire, another, 'one');
    await peer.expect('MESSAGE');
    await fill(wire, queue, 'two');
    const two = await peer.expect('MESSAGE');

    await settle(peer, 'ACK', namedBy(version, two));
    await peer.leave();

    expect(await take(wire, another, 1)).toEqual([['one', 'true']]);
    expect(await take(wire, queue, 0)).toEqual([]);
  });

  test.each(MODES)(
    'K11 (STOMP %s, "%s"): with client-individual an ACK counts for one message',
    async (version) => {
      const queue = newQueue();
      const peer = await wire.listen(queue, version, { ack: 'client-individual' });
      await fill(wire, queue, 'one', 'two', 'three');
      await peer.expect('MESSAGE');
      const two = await peer.expect('MESSAGE');
      await peer.expect('MESSAGE');

      await settle(peer, 'ACK', namedBy(version, two));
      await peer.leave();

      expect(await take(wire, queue, 2)).toEqual([
        ['one', 'true'],
        ['three', 'true'],
      ]);
    },
  );

  test.each(MODES)(
    'K12 (STOMP %s, "%s"): what was not acknowledged goes to another when the connection is lost',
    async (version) => {
      const queue = newQueue();
      const peer = await wire.listen(queue, version, { ack: 'client' });
      await fill(wire, queue, 'one', 'two');
      await peer.expect('MESSAGE');
      await peer.expect('MESSAGE');
      await fill(wire, queue, 'three');
      await peer.expect('MESSAGE');

      await peer.leave();

      expect(await take(wire, queue, 3)).toEqual([
        ['one', 'true'],
        ['two', 'true'],
        ['three', 'true'],
      ]);
    },
  );

  test('S4 (STOMP 1.2, "MESSAGE"): what is to be acknowledged has an ack header, of its own', async () => {
    const peer = await wire.connect('1.2');
    for (const ack of ['auto', 'client', 'client-individual']) {
      await peer.subscribe('/topic/ack', { id: ack, ack });
    }

    await fill(wire, '/topic/ack', 'one');

    const acks = new Map<string | undefined, string | undefined>();
    for (let at = 0; at < 3; at += 1) {
      const { headers } = await peer.expect('MESSAGE');
      acks.set(headers.subscription, headers.ack);
    }
    expect(acks.get('auto')).toBeUndefined();
    expect(acks.get('client')).toMatch(/./);
    expect(acks.get('client-individual')).toMatch(/./);
    expect(new Set(acks.values()).size).toBe(3);
  });

  test.each(inSections(null, 'MESSAGE', 'MESSAGE'))(
    'S4 (STOMP %s, "%s"): there is no ack header',
    async (version) => {
      const peer = await wire.listen('/topic/no-ack', version, { ack: 'client' });

      await fill(wire, '/topic/no-ack', 'one');

      expect((await peer.expect('MESSAGE')).headers.ack).toBeUndefined();
    },
  );
});
