import { describe, expect, test } from '@jest/globals';
import { slowApplication } from './slow-application.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/server-frames';
const sections = (section: string) => inSections(section, section, section);

describe.each(WIRES)('server frames over $name', (kind) => {
  const slow = slowApplication();
  const wire = useWire(kind, {}, { application: slow.application });

  test.each(sections('MESSAGE'))(
    'S1 (STOMP %s, "%s"): a MESSAGE has destination, message-id and subscription',
    async (version) => {
      const peer = await wire.listen(TOPIC, version, { id: 'a b' });

      peer.frame('SEND', { destination: TOPIC });

      const { headers } = await peer.expect('MESSAGE');
      expect(headers).toMatchObject({ destination: TOPIC, subscription: 'a b' });
      expect(headers['message-id']).toMatch(/./);
    },
  );

  test('S1 (STOMP 1.0, "SUBSCRIBE"): no subscription where the client gave no id', async () => {
    const peer = await wire.connect('1.0');

    peer.frame('SUBSCRIBE', { destination: TOPIC });
    peer.frame('SEND', { destination: TOPIC });

    const { headers } = await peer.expect('MESSAGE');
    expect(Object.keys(headers)).toEqual(['destination', 'message-id']);
  });

  test.each([
    ['1.2', '/topic/a\\cb\\\\ c'],
    ['1.1', '/topic/a\\cb\\\\ c'],
    ['1.0', '/topic/a:b\\ c'],
  ] as const)(
    'S2 (STOMP %s, "MESSAGE"): its destination is the one of the SEND',
    async (version, destination) => {
      const peer = await wire.listen(destination, version);

      peer.frame('SEND', { destination });

      expect((await peer.expect('MESSAGE')).headers.destination).toBe(destination);
    },
  );

  test.each(sections('MESSAGE'))(
    'S3 (STOMP %s, "%s"): every message-id is another',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);
      const other = await wire.connect();
      await peer.subscribe('/topic/another', { id: '1' });
      const ids = new Set<string | undefined>();

      for (const destination of [TOPIC, '/topic/another', TOPIC, '/topic/another']) {
        peer.frame('SEND', { destination }, 'the same');
        ids.add((await peer.expect('MESSAGE')).headers['message-id']);
        other.frame('SEND', { destination }, 'the same');
        ids.add((await peer.expect('MESSAGE')).headers['message-id']);
      }

      expect(ids.size).toBe(8);
    },
  );

  test.each(sections('MESSAGE'))(
    'S5 (STOMP %s, "%s"): a body comes with content-length, and with content-type as it was sent',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('SEND', { destination: TOPIC, 'content-type': 'text/plain' }, '안녕');

      expect((await peer.expect('MESSAGE')).headers).toMatchObject({
        'content-length': '6',
        'content-type': 'text/plain',
      });
    },
  );

  test.each(sections('RECEIPT'))(
    'S6 (STOMP %s, "%s"): its receipt-id is what was asked for',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination: TOPIC, receipt: '안녕 1' });

      const { lines } = await peer.expect('RECEIPT');
      expect(lines).toEqual(['receipt-id:안녕 1']);
    },
  );

  test.each(sections('RECEIPT'))(
    'S7 (STOMP %s, "%s"): a SEND has its RECEIPT when subscribers were sent the message',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('SEND', { destination: TOPIC, receipt: '7' });

      await peer.expect('MESSAGE');
      await peer.expectReceipt('7');
    },
  );

  test.each(sections('RECEIPT'))(
    'S7 (STOMP %s, "%s"): not while a handler is at it',
    async (version) => {
      const other = await wire.connect();
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination: '/app/slow', receipt: '7' });
      await slow.begun();
      await other.expectNothing();
      expect(peer.waiting).toBe(0);
      slow.end();

      await peer.expectReceipt('7');
    },
  );

  test.each(sections('RECEIPT'))(
    'S8 (STOMP %s, "%s"): RECEIPTs come in the order of their frames, whichever is done first',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination: '/app/slow', receipt: '1' });
      peer.frame('SEND', { destination: TOPIC, receipt: '2' });
      peer.frame('SUBSCRIBE', { id: '0', destination: '/topic/another', receipt: '3' });
      peer.frame('SEND', { destination: '/app/slow' });
      peer.frame('UNSUBSCRIBE', { id: '0', receipt: '4' });
      await slow.begun();
      slow.end();
      for (const receipt of ['1', '2', '3']) await peer.expectReceipt(receipt);
      await slow.begun();
      slow.end();

      await peer.expectReceipt('4');
      await peer.expectNothing();
    },
  );

  test.each(sections('RECEIPT'))(
    'S9 (STOMP %s, "%s"): what was received before the client went is processed',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const peer = await wire.connect(version);
      const texts = Array.from({ length: 30 }, (_, at) => `message ${at}`);

      for (const text of texts) peer.frame('SEND', { destination: TOPIC }, text);
      await peer.leave();

      for (const text of texts) expect((await listener.expect('MESSAGE')).text).toBe(text);
    },
  );

  test.each(sections('RECEIPT'))(
    'S9 (STOMP %s, "%s"): even if something slow came before it',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination: '/app/slow' });
      peer.frame('SEND', { destination: TOPIC }, 'last words');
      await slow.begun();
      const left = peer.leave();
      await listener.expectNothing();
      slow.end();

      expect((await listener.expect('MESSAGE')).text).toBe('last words');
      await left;
    },
  );
});
