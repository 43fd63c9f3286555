import { describe, expect, test } from '@jest/globals';
import type { StompVersion } from '../../broker/stomp/version.ts';
import { namedBy, settle } from './acknowledge.ts';
import { fill, newQueue } from './queues.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

describe.each(WIRES)('ACK and NACK over $name', (kind) => {
  const wire = useWire(kind);

  const NAMES: [StompVersion, string, string, Record<string, string>][] = [
    ['1.2', 'ACK', 'id', { 'message-id': '1', subscription: '0' }],
    ['1.2', 'NACK', 'id', { 'message-id': '1', subscription: '0' }],
    ['1.1', 'ACK', 'message-id', { id: '1', subscription: '0' }],
    ['1.1', 'ACK', 'subscription', { id: '1', 'message-id': '1' }],
    ['1.1', 'NACK', 'message-id', { id: '1', subscription: '0' }],
    ['1.1', 'NACK', 'subscription', { id: '1', 'message-id': '1' }],
    ['1.0', 'ACK', 'message-id', { id: '1', subscription: '0' }],
  ];

  test.each(NAMES)(
    'K15 (STOMP %s, "%s"): %s is required',
    async (version, command, _name, others) => {
      const peer = await wire.connect(version);

      peer.frame(command, { ...others, receipt: '7' });

      expect((await peer.expectError('MISSING_HEADER')).headers['receipt-id']).toBe('7');
    },
  );

  test('K15 (STOMP 1.0, "Client Commands"): there is no NACK', async () => {
    const peer = await wire.connect('1.0');

    peer.frame('NACK', { 'message-id': '1', receipt: '7' });

    expect((await peer.expectError('UNKNOWN_COMMAND')).headers['receipt-id']).toBe('7');
  });

  test('K15 (STOMP 1.0, "ACK"): a subscription may be named as well', async () => {
    const peer = await wire.listen('/topic/names', '1.0', { ack: 'client' });
    await fill(wire, '/topic/names', 'one');

    const { headers } = await peer.expect('MESSAGE');
    const named = { 'message-id': headers['message-id'] ?? '', subscription: '0' };

    await settle(peer, 'ACK', named);
  });

  test.each(inSections('NACK', 'NACK'))(
    'K16 (STOMP %s, "%s"): on a queue it gives the message to another',
    async (version) => {
      const queue = newQueue();
      const peer = await wire.listen(queue, version, { ack: 'client-individual' });
      await fill(wire, queue, 'one');
      const one = await peer.expect('MESSAGE');
      const another = await wire.listen(queue);

      await settle(peer, 'NACK', namedBy(version, one));

      const { headers, text } = await another.expect('MESSAGE');
      expect([text, headers.redelivered]).toEqual(['one', 'true']);
    },
  );

  test.each(
    inSections('NACK', 'NACK').flatMap(([version]) => [
      [version, 'client', 2] as const,
      [version, 'client-individual', 1] as const,
    ]),
  )(
    'K16 (STOMP %s, "NACK"): on a topic it makes room, with %s for %i',
    async (version, ack, room) => {
      const topic = `/topic/nack/${version}/${ack}`;
      const peer = await wire.listen(topic, version, { ack, 'prefetch-count': '2' });
      await fill(wire, topic, 'one', 'two', 'three', 'four');
      await peer.expect('MESSAGE');
      const two = await peer.expect('MESSAGE');
      await peer.expectNothing();

      peer.frame('NACK', namedBy(version, two));

      for (const text of ['three', 'four'].slice(0, room)) {
        expect((await peer.expect('MESSAGE')).text).toBe(text);
      }
      await peer.expectNothing();
    },
  );

  test.each([
    ['1.2', 'ACK', { id: '1-1' }],
    ['1.2', 'NACK', { id: 'rubbish' }],
    ['1.1', 'ACK', { 'message-id': '1', subscription: '0' }],
    ['1.1', 'NACK', { 'message-id': '1', subscription: 'none' }],
    ['1.0', 'ACK', { 'message-id': '1' }],
  ] as [StompVersion, string, Record<string, string>][])(
    'K26 (STOMP %s, "%s"): for what was never delivered it is an ERROR',
    async (version, command, headers) => {
      const peer = await wire.connect(version);

      peer.frame(command, { ...headers, receipt: '7' });

      expect((await peer.expectError('NO_SUCH_DELIVERY')).headers['receipt-id']).toBe('7');
    },
  );

  test.each(inSections('ACK', 'ACK', 'ACK'))(
    'K26 (STOMP %s, "%s"): a second one for the same message is an ERROR',
    async (version) => {
      const peer = await wire.listen('/topic/twice', version, { ack: 'client-individual' });
      await fill(wire, '/topic/twice', 'one');
      const one = await peer.expect('MESSAGE');

      await settle(peer, 'ACK', namedBy(version, one));
      peer.frame('ACK', namedBy(version, one));

      await peer.expectError('NO_SUCH_DELIVERY');
    },
  );

  test('K26 (STOMP 1.2, "ACK"): to name again what a later one settled is forgiven', async () => {
    const peer = await wire.listen('/topic/again', '1.2', { ack: 'client' });
    await fill(wire, '/topic/again', 'one', 'two');
    const [one, two] = [await peer.expect('MESSAGE'), await peer.expect('MESSAGE')];

    for (const message of [two, one, two]) await settle(peer, 'ACK', namedBy('1.2', message));
  });

  test('K26 (STOMP 1.2, "ACK"): so is what a subscription got that has ended', async () => {
    const peer = await wire.listen('/topic/ended', '1.2', { ack: 'client-individual' });
    await fill(wire, '/topic/ended', 'one');
    const one = await peer.expect('MESSAGE');

    peer.frame('UNSUBSCRIBE', { id: '0' });

    await settle(peer, 'ACK', namedBy('1.2', one));
  });
});
