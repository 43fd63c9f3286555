import { describe, expect, test } from '@jest/globals';
import { namedBy } from './acknowledge.ts';
import { newQueue } from './queues.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/transactions';
const sections = (section: string) => inSections(section, section, section);

describe.each(WIRES)('transactions over $name', (kind) => {
  const wire = useWire(kind);

  test.each(sections('SEND'))(
    'K4 (STOMP %s, "%s"): a SEND in a transaction is published at its COMMIT',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const peer = await wire.connect(version);

      peer.frame('BEGIN', { transaction: 't' });
      peer.frame(
        'SEND',
        { destination: TOPIC, transaction: 't', receipt: 'held', 'x-a': 'b' },
        'hi',
      );
      await peer.expectReceipt('held');
      await listener.expectNothing();
      peer.frame('COMMIT', { transaction: 't' });

      const { lines, text } = await listener.expect('MESSAGE');
      expect(text).toBe('hi');
      expect(lines).toContain('x-a:b');
      expect(lines.some((line) => line.startsWith('transaction:'))).toBe(false);
    },
  );

  test.each([...inSections('ACK', 'ACK', 'ACK'), ...inSections('NACK', 'NACK')])(
    'K17 (STOMP %s, "%s"): in a transaction it counts at the COMMIT',
    async (version, command) => {
      const topic = `${TOPIC}/${command}`;
      const peer = await wire.listen(topic, version, { ack: 'client', 'prefetch-count': '1' });
      for (const text of ['one', 'two']) peer.frame('SEND', { destination: topic }, text);
      const one = await peer.expect('MESSAGE');

      peer.frame('BEGIN', { transaction: 't' });
      peer.frame(command, { ...namedBy(version, one), transaction: 't', receipt: 'held' });
      await peer.expectReceipt('held');
      await peer.expectNothing();
      peer.frame('COMMIT', { transaction: 't' });

      expect((await peer.expect('MESSAGE')).text).toBe('two');
    },
  );

  test.each(
    sections('BEGIN').flatMap(([version]) =>
      ['BEGIN', 'COMMIT', 'ABORT'].map((command) => [version, command] as const),
    ),
  )('K18 (STOMP %s, "%s"): a transaction is required', async (version, command) => {
    const peer = await wire.connect(version);

    peer.frame(command, { receipt: '7' });

    expect((await peer.expectError('MISSING_HEADER')).headers['receipt-id']).toBe('7');
  });

  test.each(sections('BEGIN'))(
    'K19 (STOMP %s, "%s"): a transaction that is open is an ERROR, if it is open on this connection',
    async (version) => {
      const [other, peer] = [await wire.connect(version), await wire.connect(version)];
      for (const one of [other, peer]) {
        one.frame('BEGIN', { transaction: 't', receipt: '6' });
        await one.expectReceipt('6');
      }

      peer.frame('BEGIN', { transaction: 't', receipt: '7' });

      const { headers } = await peer.expectError('DUPLICATE_TRANSACTION');
      expect(headers['receipt-id']).toBe('7');
      await other.expectNothing();
    },
  );

  test.each(
    sections('BEGIN').flatMap(([version]) =>
      ['COMMIT', 'ABORT'].map((command) => [version, command] as const),
    ),
  )('K19 (STOMP %s, "%s"): after it the name is free again', async (version, command) => {
    const peer = await wire.connect(version);

    for (const receipt of ['1', '2']) {
      peer.frame('BEGIN', { transaction: 't' });
      peer.frame(command, { transaction: 't', receipt });
      await peer.expectReceipt(receipt);
    }
  });

  test.each(sections('COMMIT'))(
    'K20 (STOMP %s, "%s"): nothing comes between the messages of a transaction',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const [peer, other] = [await wire.connect(version), await wire.connect()];

      peer.frame('BEGIN', { transaction: 't' });
      peer.frame('SEND', { destination: TOPIC, transaction: 't', receipt: '1' }, 'one');
      await peer.expectReceipt('1');
      other.frame('SEND', { destination: TOPIC }, 'between');
      await other.expectNothing();
      peer.frame('SEND', { destination: TOPIC, transaction: 't' }, 'two');
      peer.frame('COMMIT', { transaction: 't' });

      for (const text of ['between', 'one', 'two']) {
        expect((await listener.expect('MESSAGE')).text).toBe(text);
      }
    },
  );

  test.each(sections('COMMIT'))(
    'K20 (STOMP %s, "%s"): its RECEIPT comes when all of it took effect',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('BEGIN', { transaction: 't' });
      peer.frame('SEND', { destination: TOPIC, transaction: 't' }, 'one');
      peer.frame('SEND', { destination: TOPIC, transaction: 't' }, 'two');
      peer.frame('COMMIT', { transaction: 't', receipt: '7' });

      for (const text of ['one', 'two']) expect((await peer.expect('MESSAGE')).text).toBe(text);
      await peer.expectReceipt('7');
    },
  );

  test.each(sections('COMMIT'))(
    'K20 (STOMP %s, "%s"): where one SEND is refused, no SEND and no ACK happens',
    async (version) => {
      const queue = newQueue();
      const listener = await wire.listen(TOPIC);
      const peer = await wire.listen(queue, version, { ack: 'client' });
      peer.frame('SEND', { destination: queue }, 'again');
      const message = await peer.expect('MESSAGE');

      peer.frame('BEGIN', { transaction: 't' });
      peer.frame('ACK', { ...namedBy(version, message), transaction: 't' });
      peer.frame('SEND', { destination: TOPIC, transaction: 't' });
      peer.frame('SEND', { destination: '/app/nobody/home', transaction: 't' });
      peer.frame('COMMIT', { transaction: 't', receipt: '7' });

      const { headers } = await peer.expectError('NO_SUCH_DESTINATION');
      expect(headers['receipt-id']).toBe('7');
      await listener.expectNothing();
      expect((await (await wire.listen(queue)).expect('MESSAGE')).text).toBe('again');
    },
  );

  test.each(sections('COMMIT'))(
    'K20 (STOMP %s, "%s"): nor where an ACK names nothing',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const peer = await wire.connect(version);
      const nothing = { id: '1-1', subscription: '0', 'message-id': '1' };

      peer.frame('BEGIN', { transaction: 't' });
      peer.frame('SEND', { destination: TOPIC, transaction: 't' });
      peer.frame('ACK', { ...nothing, transaction: 't' });
      peer.frame('COMMIT', { transaction: 't', receipt: '7' });

      expect((await peer.expectError('NO_SUCH_DELIVERY')).headers['receipt-id']).toBe('7');
      await listener.expectNothing();
    },
  );

  test.each(sections('ABORT'))('K20 (STOMP %s, "%s"): it drops all of it', async (version) => {
    const listener = await wire.listen(TOPIC);
    const peer = await wire.connect(version);

    peer.frame('BEGIN', { transaction: 't' });
    peer.frame('SEND', { destination: TOPIC, transaction: 't' });
    peer.frame('ABORT', { transaction: 't', receipt: '7' });

    await peer.expectReceipt('7');
    await listener.expectNothing();
  });

  test.each(
    sections('BEGIN').flatMap(([version]) =>
      ['DISCONNECT', 'the loss of the connection'].map((how) => [version, how] as const),
    ),
  )('K21 (STOMP %s, "BEGIN"): %s aborts what is open', async (version, how) => {
    const listener = await wire.listen(TOPIC);
    const peer = await wire.connect(version);
    peer.frame('BEGIN', { transaction: 't' });
    peer.frame('SEND', { destination: TOPIC, transaction: 't', receipt: '7' });
    await peer.expectReceipt('7');

    if (how === 'DISCONNECT') peer.frame('DISCONNECT');
    else void peer.leave();
    await peer.expectEnd();

    await listener.expectNothing();
  });

  test.each(
    sections('COMMIT').flatMap(([version]) =>
      ['COMMIT', 'ABORT', 'SEND', 'ACK'].map((command) => [version, command] as const),
    ),
  )(
    'K27 (STOMP %s, "%s"): a transaction that is not open is an ERROR',
    async (version, command) => {
      const peer = await wire.connect(version);
      const named = { destination: TOPIC, id: '1', subscription: '0', 'message-id': '1' };

      peer.frame(command, { ...named, transaction: 'none', receipt: '7' });

      expect((await peer.expectError('NO_SUCH_TRANSACTION')).headers['receipt-id']).toBe('7');
    },
  );

  test.each(inSections('Header receipt', 'Header receipt', 'Receipt'))(
    'K25 (STOMP %s, "%s"): BEGIN, COMMIT and ABORT may ask for a receipt',
    async (version) => {
      const peer = await wire.connect(version);

      for (const command of ['BEGIN', 'COMMIT', 'BEGIN', 'ABORT']) {
        peer.frame(command, { transaction: 't', receipt: command });
        await peer.expectReceipt(command);
      }
    },
  );
});
