import { describe, expect, test } from '@jest/globals';
import { frameText } from '../support/frame-text.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/framing';

describe.each(WIRES)('frames over $name', (kind) => {
  const wire = useWire(kind);

  test.each(inSections('STOMP Frames', 'STOMP Frames', 'Augmented BNF'))(
    'F1 (STOMP %s, "%s"): a frame is a command, header lines, a blank line, a body and a NUL',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      for (const octet of Buffer.from(frameText('SEND', { destination: TOPIC, 'x-a': 'b' }, 'hi')))
        peer.say(Buffer.of(octet));

      const { octets } = await peer.expect('MESSAGE');
      expect(octets.toString()).toMatch(/^MESSAGE\n(?:[^\n:]+:[^\n]*\n)+\nhi\0$/);
      expect(octets.toString()).toContain('\nx-a:b\n');
    },
  );

  test('F2 (STOMP 1.2, "STOMP Frames"): a CR before the LF is no part of the line', async () => {
    const peer = await wire.open();
    const lines = (...all: string[]) => peer.say(`${all.join('\r\n')}\0\r\n`);

    lines('CONNECT', 'accept-version:1.2', 'host:test', '', '');
    await peer.expect('CONNECTED');
    lines('SUBSCRIBE', 'id:0', `destination:${TOPIC}`, '', '');
    lines('SEND', `destination:${TOPIC}`, 'x-a:b', '', 'body\r\n');

    const { headers, text } = await peer.expect('MESSAGE');
    expect([headers['x-a'], text]).toEqual(['b', 'body\r\n']);
  });

  test.each(inSections(null, 'STOMP Frames', 'Augmented BNF'))(
    'F2 (STOMP %s, "%s"): a CR is data',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const peer = await wire.connect(version);

      peer.say(`SEND\ndestination:${TOPIC}\nx-a:b\r\nx-c:\rd\n\n\0`);

      const { headers } = await listener.expect('MESSAGE');
      expect([headers['x-a'], headers['x-c']]).toEqual(['b\\r', '\\rd']);
      peer.say(`SEND\r\ndestination:${TOPIC}\n\n\0`);
      await peer.expectError('UNKNOWN_COMMAND');
    },
  );

  test.each(inSections('STOMP Frames', 'STOMP Frames', 'Augmented BNF'))(
    'F3 (STOMP %s, "%s"): the case of commands counts',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('Send', { destination: TOPIC });

      await peer.expectError('UNKNOWN_COMMAND');
    },
  );

  test.each(inSections('STOMP Frames', 'STOMP Frames', 'Augmented BNF'))(
    'F3 (STOMP %s, "%s"): the case of header names counts',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SEND', { Destination: TOPIC });

      await peer.expectError('MISSING_HEADER');
    },
  );

  test.each(inSections('STOMP Frames', 'STOMP Frames', 'Augmented BNF'))(
    'F4 (STOMP %s, "%s"): line ends after the NUL are ignored',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('SEND', { destination: TOPIC }, 'one');
      peer.say('\n\n\n');
      peer.say(`${frameText('SEND', { destination: TOPIC }, 'two')}\n`);

      expect((await peer.expect('MESSAGE')).text).toBe('one');
      expect((await peer.expect('MESSAGE')).text).toBe('two');
      await peer.expectNothing();
    },
  );

  test('F4 (STOMP 1.2, "Augmented BNF"): so are line ends with a CR', async () => {
    const peer = await wire.connect('1.2');

    peer.say('\r\n\n\r\n');

    await peer.expectNothing();
  });

  test.each(inSections('Value Encoding', 'Value Encoding', 'Augmented BNF'))(
    'F5 (STOMP %s, "%s"): header names and values are UTF-8',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('SEND', { destination: TOPIC, '기분-😀': 'señor 안녕' });

      expect((await peer.expect('MESSAGE')).lines).toContain('기분-😀:señor 안녕');
    },
  );

  test.each(inSections('Value Encoding', 'Value Encoding', 'Augmented BNF'))(
    'F5 (STOMP %s, "%s"): a header that is no UTF-8 is an ERROR',
    async (version) => {
      const peer = await wire.connect(version);

      peer.say(Buffer.from(`SEND\ndestination:${TOPIC}\nx-a:\xff\xfe\n\n\0`, 'latin1'));

      await peer.expectError('NOT_UTF8');
    },
  );

  test.each(inSections('Augmented BNF', 'Augmented BNF', 'Augmented BNF'))(
    'F27 (STOMP %s, "%s"): a header ends its name at the first colon, and its value may have more',
    async (version) => {
      const listener = await wire.listen(TOPIC, '1.0');
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination: TOPIC, 'x-a': 'b:c::d' });

      expect((await listener.expect('MESSAGE')).lines).toContain('x-a:b:c::d');
    },
  );

  test.each(inSections('Heart-beating', 'Heart-beating', 'Augmented BNF'))(
    'F28 (STOMP %s, "%s"): a bare LF between frames is no error, nor one before CONNECT',
    async (version) => {
      const peer = await wire.open();

      peer.say('\n');
      peer.frame('CONNECT', { 'accept-version': version });
      await peer.expect('CONNECTED');
      peer.say('\n');
      await peer.expectNothing();
      peer.say('\n');

      await peer.expectNothing();
    },
  );
});
