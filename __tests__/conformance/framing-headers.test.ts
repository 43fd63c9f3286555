import { describe, expect, test } from '@jest/globals';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/headers';

/** A name and a value with each of the octets that some version escapes. */
const ALL_12 = 'x-\\\\\\c\\n\\r:a\\r\\n\\c\\\\';
/** As 1.2 writes what 1.1 can say: a CR in the value only. */
const ALL_11 = 'x-\\\\\\c\\n:a\\r\\n\\c\\\\';

describe.each(WIRES)('headers over $name', (kind) => {
  const wire = useWire(kind, { trustLogin: true });

  test('F6 (STOMP 1.2, "Value Encoding"): decodes \\r \\n \\c and \\\\ in names and values', async () => {
    const [in11, in10] = [await wire.listen(TOPIC, '1.1'), await wire.listen(TOPIC, '1.0')];
    const peer = await wire.connect('1.2');

    peer.say(`SEND\ndestination:${TOPIC}\n${ALL_12}\nx-\\\\y:1\\r2\\n3\\c4\\\\5\n\n\0`);

    // 1.1 has no escape for a CR, and 1.0 has none at all: there decoded octets show. A name with
    // one would break such a client's lines, so it does not get that header.
    const { lines } = await in11.expect('MESSAGE');
    expect(lines).toContain('x-\\\\y:1\r2\\n3\\c4\\\\5');
    expect(lines.filter((line) => line.startsWith('x-'))).toHaveLength(1);
    expect((await in10.expect('MESSAGE')).lines).toContain('x-\\y:1 2 3:4\\5');
  });

  test('F6 (STOMP 1.1, "Value Encoding"): decodes \\n \\c and \\\\ in names and values', async () => {
    const listener = await wire.listen(TOPIC, '1.0');
    const peer = await wire.connect('1.1');

    peer.say(`SEND\ndestination:${TOPIC}\nx-\\\\y:1\\n2\\c3\\\\4\n\n\0`);

    expect((await listener.expect('MESSAGE')).lines).toContain('x-\\y:1 2:3\\4');
  });

  test('F6 (STOMP 1.0, "Augmented BNF"): decodes nothing', async () => {
    const listener = await wire.listen(TOPIC, '1.2');
    const peer = await wire.connect('1.0');

    peer.say(`SEND\ndestination:${TOPIC}\nx-\\c:\\n\\\\\n\n\0`);

    expect((await listener.expect('MESSAGE')).lines).toContain('x-\\\\c:\\\\n\\\\\\\\');
  });

  test.each([
    ['1.2', 'x-a:\\t'],
    ['1.2', 'x-a:b\\'],
    ['1.2', 'x-a:\\N'],
    ['1.2', 'x\\0:a'],
    ['1.1', 'x-a:\\t'],
    ['1.1', 'x-a:b\\'],
    ['1.1', 'x-a:\\r'],
    ['1.1', 'x\\r:a'],
  ] as const)(
    'F7 (STOMP %s, "Value Encoding"): the escape in %j is fatal',
    async (version, line) => {
      const peer = await wire.connect(version);

      peer.say(`SEND\ndestination:${TOPIC}\nreceipt:7\n${line}\n\n\0`);

      expect((await peer.expectError('UNDEFINED_ESCAPE')).headers['receipt-id']).toBe('7');
    },
  );

  test('F7 (STOMP 1.0, "Augmented BNF"): no escape is fatal', async () => {
    const peer = await wire.listen(TOPIC, '1.0');

    peer.say(`SEND\ndestination:${TOPIC}\nx-\\t:\\r\\\n\n\0`);

    expect((await peer.expect('MESSAGE')).lines).toContain('x-\\t:\\r\\');
  });

  test.each([
    ['1.2', 'Value Encoding', ALL_12, ALL_12],
    ['1.1', 'Value Encoding', ALL_11, ALL_11.replace('\\r', '\r')],
  ] as const)(
    'F8 (STOMP %s, "%s"): encodes what it decodes',
    async (version, _section, sent, line) => {
      const listener = await wire.listen(TOPIC, version);
      const peer = await wire.connect('1.2');

      peer.say(`SEND\ndestination:${TOPIC}\n${sent}\n\n\0`);

      expect((await listener.expect('MESSAGE')).lines).toContain(line);
    },
  );

  test('F8 (STOMP 1.0, "Augmented BNF"): a value without its line ends, no name that would be another', async () => {
    const listener = await wire.listen(TOPIC, '1.0');
    const peer = await wire.connect('1.2');

    peer.say(`SEND\ndestination:${TOPIC}\n${ALL_12}\nx-a:b\\r\\nc\\cd\\\\\n\n\0`);

    const { lines } = await listener.expect('MESSAGE');
    expect(lines.filter((line) => line.startsWith('x-'))).toEqual(['x-a:b  c:d\\']);
  });

  test.each(inSections('Value Encoding', 'Value Encoding', 'Augmented BNF'))(
    'F9 (STOMP %s, "%s"): CONNECT and CONNECTED are not escaped',
    async (version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': version, host: 'a:b', login: 'a:b\\c\\' });

      expect((await peer.expect('CONNECTED')).lines).toContain('user-name:a:b\\c\\');
    },
  );

  test('F9 (STOMP 1.2, "Value Encoding"): an escape in a CONNECT is not decoded', async () => {
    const peer = await wire.open();

    peer.frame('CONNECT', { 'accept-version': '1.2\\n', host: 'test' });

    await peer.expectError('VERSION_NOT_SUPPORTED');
  });

  test.each([
    ['1.2', ' /topic/headers'],
    ['1.1', '/topic/headers '],
  ] as const)(
    'F10 (STOMP %s, "Value Encoding"): spaces are not trimmed',
    async (version, other) => {
      const peer = await wire.listen('/topic/headers', version);

      peer.frame('SEND', { destination: '/topic/headers', ' x-a ': ' b ' });
      expect((await peer.expect('MESSAGE')).lines).toContain(' x-a : b ');
      peer.frame('SEND', { destination: other });

      if (other.startsWith(' ')) await peer.expectError('UNKNOWN_DESTINATION');
      else await peer.expectNothing();
    },
  );

  test('F10 (STOMP 1.0, "Client Commands"): padding, as in its examples, is trimmed', async () => {
    const peer = await wire.connect('1.0');

    peer.frame('SUBSCRIBE', { destination: ' /topic/headers' });
    peer.frame('SEND', { 'destination ': ' /topic/headers ', 'x-a': ' b' });

    expect((await peer.expect('MESSAGE')).headers['x-a']).toBe('b');
  });

  test.each(inSections('MESSAGE', 'MESSAGE', 'MESSAGE'))(
    'F10 (STOMP %s, "%s"): nothing is padded',
    async (version) => {
      const peer = await wire.open();
      peer.frame('CONNECT', { 'accept-version': version });
      const connected = await peer.expect('CONNECTED');
      await peer.subscribe(TOPIC);

      peer.frame('SEND', { destination: TOPIC, 'x-a': 'b' });

      const { lines } = await peer.expect('MESSAGE');
      for (const line of [...connected.lines, ...lines])
        expect(line).toMatch(/^[^ :]+:[^ ](.*[^ ])?$/);
    },
  );

  test.each(inSections('Repeated Header Entries', 'Repeated Header Entries', 'Client Commands'))(
    'F11 (STOMP %s, "%s"): of a repeated header the first counts',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.say(`SEND\ndestination:${TOPIC}\ndestination:/none\nreceipt:1\nreceipt:2\n\n\0`);

      expect((await peer.expect('MESSAGE')).headers.destination).toBe(TOPIC);
      await peer.expectReceipt('1');
      await peer.expectNothing();
    },
  );

  test.each(inSections('Repeated Header Entries', 'Repeated Header Entries', 'Client Commands'))(
    'F12 (STOMP %s, "%s"): the repeats of a header of the sender are delivered, in order',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.say(`SEND\ndestination:${TOPIC}\nfoo:World\nbar:1\nfoo:Hello\n\n\0`);

      const { lines } = await peer.expect('MESSAGE');
      expect(lines.slice(-3)).toEqual(['foo:World', 'bar:1', 'foo:Hello']);
    },
  );

  test.each(inSections('Repeated Header Entries', 'Repeated Header Entries', 'MESSAGE'))(
    'F13 (STOMP %s, "%s"): the server\'s own headers come first, and nobody else says them',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);
      const forged = ['message-id', 'subscription', 'redelivered', 'ack', 'receipt-id'];

      const headers = Object.fromEntries(forged.map((name) => [name, 'mine']));
      peer.frame('SEND', { 'x-a': 'b', ...headers, destination: TOPIC });

      const { lines } = await peer.expect('MESSAGE');
      expect(lines.map((line) => line.split(':')[0])).toEqual([
        'subscription',
        'destination',
        'message-id',
        'x-a',
        'receipt-id',
      ]);
      expect(lines.filter((line) => line.endsWith(':mine'))).toEqual(['receipt-id:mine']);
    },
  );
});
