import { describe, expect, test } from '@jest/globals';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/limits';
const LIMITS = { bodyBytes: 100, headerBytes: 64, headerCountMax: 8 };
const VERSIONS = inSections('Size Limits', 'Size Limits', 'ERROR');

/** What, beside the destination, is the most that one frame may have. */
const MORE = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`x-${at}`, '.'.repeat(60)]));

describe.each(WIRES)('limits over $name', (kind) => {
  const wire = useWire(kind, LIMITS);

  test.each(VERSIONS)('F25 (STOMP %s, "%s"): what is within them is taken', async (version) => {
    const peer = await wire.listen(TOPIC, version);

    peer.frame('SEND', { destination: TOPIC, ...MORE, 'x-0': '.'.repeat(60) }, 'b'.repeat(100));

    expect((await peer.expect('MESSAGE')).body).toHaveLength(100);
  });

  test.each(VERSIONS)(
    'F26 (STOMP %s, "%s"): one header too many is an ERROR, and the end',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination: TOPIC, ...MORE, 'x-7': '' });

      await peer.expectError('TOO_MANY_HEADERS');
    },
  );

  test.each(VERSIONS)(
    'F26 (STOMP %s, "%s"): a header line too long is an ERROR before its end came',
    async (version) => {
      const peer = await wire.connect(version);

      peer.say(`SEND\ndestination:${TOPIC}\nx-a:${'.'.repeat(100)}`);

      await peer.expectError('HEADER_TOO_LONG');
    },
  );

  test.each(VERSIONS)(
    'F26 (STOMP %s, "%s"): a body announced too large is an ERROR before it came',
    async (version) => {
      const peer = await wire.connect(version);

      peer.say(`SEND\ndestination:${TOPIC}\ncontent-length:101\n\n`);

      await peer.expectError('BODY_TOO_LARGE');
    },
  );

  test.each(VERSIONS)(
    'F26 (STOMP %s, "%s"): a body grown too large is an ERROR before its NUL came',
    async (version) => {
      const peer = await wire.connect(version);

      peer.say(`SEND\ndestination:${TOPIC}\n\n${'b'.repeat(101)}`);

      await peer.expectError('BODY_TOO_LARGE');
    },
  );
});

describe.each(WIRES)('limits of transactions over $name', (kind) => {
  const limits = { transactionsMax: 2, transactionFramesMax: 2, transactionBytesMax: 3_000 };
  const wire = useWire(kind, limits);

  test.each(VERSIONS)(
    'F26 (STOMP %s, "%s"): one transaction too many is an ERROR',
    async (version) => {
      const peer = await wire.connect(version);

      for (const transaction of ['1', '2', '3']) peer.frame('BEGIN', { transaction });

      await peer.expectError('TOO_MANY_TRANSACTIONS');
    },
  );

  test.each(VERSIONS)(
    'F26 (STOMP %s, "%s"): so is one that has too many frames',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('BEGIN', { transaction: 't' });
      for (const receipt of ['1', '2', '3'])
        peer.frame('SEND', { destination: TOPIC, transaction: 't', receipt });

      for (const receipt of ['1', '2']) await peer.expectReceipt(receipt);
      expect((await peer.expectError('TRANSACTION_TOO_LARGE')).headers['receipt-id']).toBe('3');
    },
  );

  test.each(VERSIONS)(
    'F26 (STOMP %s, "%s"): so is one that has too many octets',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('BEGIN', { transaction: 't' });
      peer.frame('SEND', { destination: TOPIC, transaction: 't' }, 'x'.repeat(2_000));

      await peer.expectError('TRANSACTION_TOO_LARGE');
    },
  );
});
