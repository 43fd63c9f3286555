import { describe, expect, test } from '@jest/globals';
import { until } from '../broker/transport/until.ts';
import { frameText } from '../support/frame-text.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/connecting';
const CONNECT = 'CONNECT or STOMP Frame';

describe.each(WIRES)('connecting over $name', (kind) => {
  const wire = useWire(kind);

  test.each(inSections(CONNECT, CONNECT))(
    'C1 (STOMP %s, "%s"): STOMP is treated as CONNECT',
    async (version) => {
      const peer = await wire.open();

      peer.frame('STOMP', { 'accept-version': version, host: 'test' });

      expect((await peer.expect('CONNECTED')).headers.version).toBe(version);
      await peer.subscribe(TOPIC);
    },
  );

  test('C2 (STOMP 1.2, "Protocol Negotiation"): no accept-version means 1.0', async () => {
    const peer = await wire.open();

    peer.frame('CONNECT', { host: 'test' });

    expect((await peer.expect('CONNECTED')).headers.version).toBeUndefined();
    // Only 1.0 knows subscriptions without an id.
    peer.frame('SUBSCRIBE', { destination: TOPIC, receipt: '1' });
    await peer.expectReceipt('1');
  });

  test.each(inSections(CONNECT, CONNECT, 'CONNECT'))(
    'C3 (STOMP %s, "%s"): a CONNECT without host is let in',
    async (version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': version });

      await peer.expect('CONNECTED');
    },
  );

  test.each(inSections(CONNECT, CONNECT))(
    'C4 (STOMP %s, "%s"): there is one host, and every name is its',
    async (version) => {
      const listener = await wire.listen(TOPIC, version);
      const peer = await wire.connect(version, { host: 'another.example' });

      peer.frame('SEND', { destination: TOPIC }, 'the same');

      expect((await listener.expect('MESSAGE')).text).toBe('the same');
    },
  );

  test.each(inSections(CONNECT, CONNECT, 'CONNECT'))(
    'C5 (STOMP %s, "%s"): login, passcode and heart-beat may be there',
    async (version) => {
      const peer = await wire.open();

      const optional = { login: 'ada', passcode: 'a:b\\c', 'heart-beat': '0,0' };
      peer.frame('CONNECT', { 'accept-version': version, host: 'test', ...optional });

      const { octets } = await peer.expect('CONNECTED');
      expect(octets.toString()).not.toContain('a:b');
    },
  );

  test.each(inSections('CONNECTED Frame', 'CONNECTED Frame'))(
    'C6 (STOMP %s, "%s"): CONNECTED tells the version',
    async (version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': version, host: 'test' });

      expect((await peer.expect('CONNECTED')).headers.version).toBe(version);
    },
  );

  test('C6 (STOMP 1.0, "CONNECTED"): CONNECTED tells no version, but the session', async () => {
    const peer = await wire.open();

    peer.frame('CONNECT', { login: 'ada', passcode: 'x' });

    const { headers } = await peer.expect('CONNECTED');
    expect(headers.version).toBeUndefined();
    expect(headers.session).toMatch(/./);
  });

  test.each(inSections('CONNECTED Frame', 'CONNECTED Frame', 'CONNECTED'))(
    'C7 (STOMP %s, "%s"): CONNECTED tells the session, which no other has',
    async (version) => {
      const sessions = new Set<string | undefined>();
      for (const peer of [await wire.open(), await wire.open()]) {
        peer.frame('CONNECT', { 'accept-version': version });
        sessions.add((await peer.expect('CONNECTED')).headers.session);
      }

      expect(sessions).not.toContain(undefined);
      expect(sessions.size).toBe(2);
    },
  );

  test.each(inSections('CONNECTED Frame', 'CONNECTED Frame', 'CONNECTED'))(
    'C8 (STOMP %s, "%s"): server is a name, a slash and a version',
    async (version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': version });

      const { headers } = await peer.expect('CONNECTED');
      expect(headers.server).toMatch(/^[\w-]+\/\d+\.\d+\.\d+\S*$/);
    },
  );

  test.each([
    ['1.0,1.1,1.2', '1.2'],
    ['1.2,1.1,1.0', '1.2'],
    ['1.1,1.0', '1.1'],
    ['1.0,1.1,2.0', '1.1'],
    ['1.1, 1.2', '1.2'],
    ['9.9,1.0', '1.0'],
    ['1.0,10.1', '1.0'],
  ])(
    'C9 (STOMP 1.2, "Protocol Negotiation"): of %s the highest is taken that both know',
    async (accepted, version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': accepted, host: 'test' });

      expect((await peer.expect('CONNECTED')).headers.version).toBe(version);
    },
  );

  test.each([
    ['1.2', 'b'],
    ['1.1', 'b\r'],
  ] as const)(
    'C9 (STOMP %s, "Protocol Negotiation"): what comes with the CONNECT is read by its rules already',
    async (version, value) => {
      const peer = await wire.open();
      const connect = frameText('CONNECT', { 'accept-version': version, host: 'test' });
      const subscribe = frameText('SUBSCRIBE', { id: '0', destination: TOPIC });

      peer.say(`${connect}${subscribe}SEND\ndestination:${TOPIC}\nx-a:b\r\n\n\0`);

      await peer.expect('CONNECTED');
      expect((await peer.expect('MESSAGE')).headers['x-a']).toBe(value);
    },
  );

  test('C10 (STOMP 1.2, "Protocol Negotiation"): without a common version an ERROR lists ours', async () => {
    const peer = await wire.open();

    peer.frame('CONNECT', { 'accept-version': '1.3,2.0', host: 'test' });

    const { headers } = await peer.expectError('VERSION_NOT_SUPPORTED');
    expect(headers.version).toBe('1.0,1.1,1.2');
    expect(headers['content-type']).toBe('text/plain');
  });

  test.each(inSections('Connecting', 'Connecting'))(
    'C11 (STOMP %s, "%s"): a CONNECT that is refused is told why, and that is the end',
    async (version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': version, 'heart-beat': 'often' });

      const { headers, text } = await peer.expectError('BAD_HEART_BEAT');
      expect(headers.message).toContain('heart-beat');
      expect(text).toContain('often');
    },
  );

  test('C12 (STOMP 1.2, "Connection Lingering"): who comes and goes quickly leaves nothing behind', async () => {
    const hello = frameText('CONNECT', { 'accept-version': '1.2', host: 'test' });
    const asked = frameText('SUBSCRIBE', { id: '0', destination: TOPIC });
    const goodbyes = ['', hello, hello + asked, hello + asked + frameText('DISCONNECT')];
    await until(() => wire.sessionCount() === 0);

    const peers = await Promise.all(Array.from({ length: 40 }, () => wire.open()));
    await Promise.all(
      peers.map((peer, at) => {
        peer.say(goodbyes[at % goodbyes.length] ?? '');
        return peer.leave();
      }),
    );

    await until(() => wire.sessionCount() === 0);
    await wire.connect();
  });

  test.each(['SEND', 'SUBSCRIBE', 'DISCONNECT', 'ACK', 'BEGIN'])(
    'C13 (STOMP 1.2, "Connecting"): %s before CONNECT is an ERROR',
    async (command) => {
      const peer = await wire.open();

      peer.frame(command, { id: '1', destination: TOPIC, transaction: '1', receipt: '7' });

      expect((await peer.expectError('NOT_CONNECTED')).headers['receipt-id']).toBe('7');
    },
  );

  test.each(['CONNECT', 'STOMP'])(
    'C14 (STOMP 1.2, "Connecting"): a second %s is an ERROR',
    async (command) => {
      const peer = await wire.connect();

      peer.frame(command, { 'accept-version': '1.2', host: 'test' });

      await peer.expectError('ALREADY_CONNECTED');
    },
  );

  test.each(inSections('Header receipt', 'Header receipt', 'Receipt'))(
    'C15 (STOMP %s, "%s"): a receipt on CONNECT is not honoured',
    async (version) => {
      const peer = await wire.open();

      peer.frame('CONNECT', { 'accept-version': version, host: 'test', receipt: 'never' });

      const { headers } = await peer.expect('CONNECTED');
      expect(headers['receipt-id']).toBeUndefined();
      await peer.expectNothing();
    },
  );
});
