import { describe, expect, test } from '@jest/globals';
import { frameText } from '../support/frame-text.ts';
import { slowApplication } from './slow-application.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/error-frames';
const sections = (section: string) => inSections(section, section, section);

describe.each(WIRES)('ERROR and the end over $name', (kind) => {
  const wire = useWire(kind, {}, { application: slowApplication().application });

  test.each(sections('ERROR'))(
    'S10 (STOMP %s, "%s"): after it the connection ends, and no later frame counts',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const peer = await wire.connect(version);

      const late = frameText('SEND', { destination: TOPIC, receipt: 'never' });
      peer.say(frameText('SEND') + late);

      await peer.expectError('MISSING_HEADER');
      await listener.expectNothing();
    },
  );

  test.each(sections('ERROR'))('S11 (STOMP %s, "%s"): it has a short message', async (version) => {
    const peer = await wire.connect(version);

    peer.frame('SEND', { destination: `/nowhere/${'x'.repeat(1_000)}` });

    const { headers } = await peer.expectError('UNKNOWN_DESTINATION');
    expect(headers.message).toMatch(/^no such destination/);
    expect(headers.message?.length).toBeLessThan(1_200);
  });

  test.each(sections('ERROR'))(
    'S12 (STOMP %s, "%s"): it repeats the receipt of its frame as receipt-id, and of no other',
    async (version) => {
      const [asking, silent] = [await wire.connect(version), await wire.connect(version)];

      for (const peer of [asking, silent]) {
        peer.frame('SEND', { destination: TOPIC, receipt: '6' });
        await peer.expectReceipt('6');
      }
      asking.frame('SUBSCRIBE', { receipt: '7', id: '0' });
      silent.frame('SUBSCRIBE', { id: '0' });

      expect((await asking.expectError('MISSING_HEADER')).headers['receipt-id']).toBe('7');
      const { headers } = await silent.expectError('MISSING_HEADER');
      expect(headers['receipt-id']).toBeUndefined();
    },
  );

  test.each(sections('ERROR'))('S13 (STOMP %s, "%s"): its body says more', async (version) => {
    const peer = await wire.connect(version);

    peer.frame('SUBSCRIBE', { id: '0', destination: '/nowhere' });

    const { text } = await peer.expectError('UNKNOWN_DESTINATION');
    expect(text).toMatch(/^UNKNOWN_DESTINATION: .*\/nowhere\n$/);
  });

  test.each(sections('ERROR'))(
    'S13 (STOMP %s, "%s"): but nothing of a bug of ours',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination: '/app/broken', receipt: '7' });

      const { headers, octets } = await peer.expectError('INTERNAL');
      expect(headers['receipt-id']).toBe('7');
      expect(octets.toString()).not.toMatch(/hunter2|Error:|\.ts/);
    },
  );

  test.each(inSections('Connection Lingering', 'Connecting', 'ERROR'))(
    'S14 (STOMP %s, "%s"): all that was said before the end arrives, however much it is',
    async (version) => {
      const sender = await wire.connect();
      const [leaving, failing] = [
        await wire.listen(TOPIC, version),
        await wire.listen(TOPIC, version),
      ];
      const large = 'x'.repeat(900_000);

      for (const receipt of ['1', '2', '3']) {
        sender.frame('SEND', { destination: TOPIC, receipt }, large);
        await sender.expectReceipt(receipt);
      }
      leaving.frame('DISCONNECT', { receipt: 'bye' });
      failing.frame('SEND');

      for (const peer of [leaving, failing])
        for (let at = 0; at < 3; at += 1)
          expect((await peer.expect('MESSAGE')).body).toHaveLength(large.length);
      await leaving.expectReceipt('bye');
      await leaving.expectEnd();
      await failing.expectError('MISSING_HEADER');
    },
  );

  test.each(inSections('Body', 'Value Encoding', 'RECEIPT'))(
    'S15 (STOMP %s, "%s"): CONNECTED and RECEIPT have no body',
    async (version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': version });
      peer.frame('SEND', { destination: TOPIC, receipt: '7' }, 'body');

      for (const command of ['CONNECTED', 'RECEIPT']) {
        const { body, headers } = await peer.expect(command);
        expect([body.length, headers['content-length']]).toEqual([0, undefined]);
      }
    },
  );
});
