import { isUtf8 } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/bodies';
const LENGTH = inSections('Header content-length', 'Header content-length', 'SEND');
const TYPE = inSections('Header content-type', 'Header content-type', 'MESSAGE');
const MIME = /^[a-z]+\/[\w.+-]+(; ?charset=[\w-]+)?$/;

describe.each(WIRES)('bodies over $name', (kind) => {
  const wire = useWire(kind);

  test.each(inSections('Body', 'Value Encoding'))(
    'F14 (STOMP %s, "%s"): a SUBSCRIBE with a body is an ERROR',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SUBSCRIBE', { id: '0', destination: TOPIC }, 'body');

      await peer.expectError('BODY_NOT_ALLOWED');
    },
  );

  test('F14 (STOMP 1.0, "SUBSCRIBE"): the body of a SUBSCRIBE is ignored', async () => {
    const peer = await wire.connect('1.0');

    peer.frame('SUBSCRIBE', { id: '0', destination: TOPIC, receipt: '1' }, 'body');

    await peer.expectReceipt('1');
  });

  test.each(LENGTH)(
    'F15 (STOMP %s, "%s"): content-length octets are the body, NULs included',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.say(`SEND\ndestination:${TOPIC}\ncontent-length:7\n\n\0a\0SEND\0`);

      expect((await peer.expect('MESSAGE')).text).toBe('\0a\0SEND');
      await peer.expectNothing();
    },
  );

  test.each(LENGTH)(
    'F16 (STOMP %s, "%s"): after content-length octets there is a NUL still',
    async (version) => {
      const peer = await wire.connect(version);

      peer.say(`SEND\ndestination:${TOPIC}\nreceipt:7\ncontent-length:2\n\nabc\0`);

      const { headers } = await peer.expectError('BODY_NOT_TERMINATED');
      expect(headers['receipt-id']).toBe('7');
    },
  );

  test.each(LENGTH)(
    'F17 (STOMP %s, "%s"): without content-length the first NUL ends the frame',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const peer = await wire.connect(version);

      peer.say(`SEND\ndestination:${TOPIC}\n\none\0two\0`);

      expect((await listener.expect('MESSAGE')).text).toBe('one');
      await peer.expectError('UNKNOWN_COMMAND');
    },
  );

  test.each(LENGTH)(
    'F17 (STOMP %s, "%s"): a MESSAGE with a NUL in its body has content-length',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.say(`SEND\ndestination:${TOPIC}\ncontent-length:1\n\n\0\0`);

      const { body, headers } = await peer.expect('MESSAGE');
      expect([body, headers['content-length']]).toEqual([Buffer.of(0), '1']);
    },
  );

  test.each(inSections('Header content-length', 'Header content-length', 'MESSAGE'))(
    'F18 (STOMP %s, "%s"): a MESSAGE and an ERROR with a body have content-length, in octets',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('SEND', { destination: TOPIC }, '안녕');
      expect((await peer.expect('MESSAGE')).headers['content-length']).toBe('6');
      peer.frame('SEND', {});

      const { body, headers } = await peer.expect('ERROR');
      expect(headers['content-length']).toBe(String(body.length));
      expect(body.length).toBeGreaterThan(0);
    },
  );

  test.each(LENGTH)('F19 (STOMP %s, "%s"): any frame may have content-length', async (version) => {
    const peer = await wire.open();
    const empty = { 'content-length': '0' };

    peer.frame('CONNECT', { 'accept-version': version, ...empty });
    await peer.expect('CONNECTED');
    await peer.subscribe(TOPIC, empty);
    peer.frame('UNSUBSCRIBE', { id: '0', receipt: '1', ...empty });
    peer.frame('DISCONNECT', { receipt: '2', ...empty });

    await peer.expectReceipt('1');
    await peer.expectReceipt('2');
    await peer.expectEnd();
  });

  test.each(TYPE)(
    'F20 (STOMP %s, "%s"): bodies that are the server\'s have content-type',
    async (version) => {
      const peer = await wire.listen('/app/chat/rooms', version);

      peer.frame('SEND', {});

      expect((await peer.expect('MESSAGE')).headers['content-type']).toBe('application/json');
      expect((await peer.expect('ERROR')).headers['content-type']).toBe('text/plain');
    },
  );

  test.each(TYPE)(
    'F21 (STOMP %s, "%s"): the content-type of an ERROR is a MIME type, that of a MESSAGE the sender\'s',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('SEND', { destination: TOPIC, 'content-type': 'application/xml;charset=utf-8' });
      const { headers } = await peer.expect('MESSAGE');
      peer.frame('SEND', {});

      expect(headers['content-type']).toBe('application/xml;charset=utf-8');
      expect((await peer.expect('ERROR')).headers['content-type']).toMatch(MIME);
    },
  );

  test.each(TYPE)(
    'F22 (STOMP %s, "%s"): a body without content-type is a blob, and stays one',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);
      const blob = Buffer.from(Array.from({ length: 256 }, (_, at) => at));

      const head = `SEND\ndestination:${TOPIC}\ncontent-length:256\n\n`;
      peer.say(Buffer.concat([Buffer.from(head), blob, Buffer.of(0)]));

      const { body, headers } = await peer.expect('MESSAGE');
      expect(body).toEqual(blob);
      expect(headers['content-type']).toBeUndefined();
    },
  );

  test.each(TYPE)(
    'F23 (STOMP %s, "%s"): a body in another charset is not recoded',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);
      const body = Buffer.from('\ufeff안녕', 'utf16le');

      const head = `SEND\ndestination:${TOPIC}\ncontent-type:text/html;charset=utf-16\n`;
      const length = `content-length:${body.length}\n\n`;
      peer.say(Buffer.concat([Buffer.from(head + length), body, Buffer.of(0)]));

      const message = await peer.expect('MESSAGE');
      expect(message.headers['content-type']).toBe('text/html;charset=utf-16');
      expect(message.body).toEqual(body);
    },
  );

  test.each(TYPE)('F23 (STOMP %s, "%s"): text/plain of the server is UTF-8', async (version) => {
    const peer = await wire.connect(version);

    peer.frame('SUBSCRIBE', { id: '0', destination: '안녕' });

    const { body, headers } = await peer.expectError('UNKNOWN_DESTINATION');
    expect(headers['content-type']).toBe('text/plain');
    expect(isUtf8(body)).toBe(true);
    expect(body.toString()).toContain('안녕');
  });

  test.each(TYPE)('F24 (STOMP %s, "%s"): UTF-8 comes through as it was', async (version) => {
    const peer = await wire.listen(TOPIC, version);

    peer.frame('SEND', { destination: TOPIC }, 'Grüße, 안녕하세요 👋🏽 \u2028\ufeff');

    expect((await peer.expect('MESSAGE')).text).toBe('Grüße, 안녕하세요 👋🏽 \u2028\ufeff');
  });
});
