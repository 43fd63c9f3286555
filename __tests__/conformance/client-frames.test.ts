import { describe, expect, test } from '@jest/globals';
import { frameText } from '../support/frame-text.ts';
import { WIRES } from './stomp-peer.ts';
import { useWire } from './use-wire.ts';
import { inSections } from './versions.ts';

const TOPIC = '/topic/client-frames';
const SUBSCRIBE_ID = 'SUBSCRIBE id Header';
const sections = (section: string) => inSections(section, section, section);

describe.each(WIRES)('client frames over $name', (kind) => {
  const wire = useWire(kind);

  test.each(sections('SEND'))('K1 (STOMP %s, "%s"): a destination is required', async (version) => {
    const peer = await wire.connect(version);

    peer.frame('SEND', { receipt: '7' }, 'nowhere');

    const { headers } = await peer.expectError('MISSING_HEADER');
    expect([headers['receipt-id'], headers.message]).toEqual([
      '7',
      expect.stringContaining('dest'),
    ]);
  });

  test.each(sections('SEND'))(
    'K2 (STOMP %s, "%s"): headers of the user pass through into MESSAGE',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);
      const own = ['x-a:b', 'priority:5', 'expires:0', 'persistent:true', 'X-A:C', 'empty:'];

      peer.say(`SEND\ndestination:${TOPIC}\n${own.join('\n')}\n\n\0`);

      expect((await peer.expect('MESSAGE')).lines.slice(-own.length)).toEqual(own);
    },
  );

  test.each(
    sections('SEND').flatMap(([version]) => [
      [version, '/nowhere', 'UNKNOWN_DESTINATION'] as const,
      [version, '/app/nobody/home', 'NO_SUCH_DESTINATION'] as const,
      [version, '/topic/chat/room/7', 'NOT_YOURS_TO_SEND'] as const,
    ]),
  )(
    'K3 (STOMP %s, "SEND"): a SEND to %s is an ERROR, and the end',
    async (version, destination, code) => {
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination, receipt: '7' }, 'hi');

      expect((await peer.expectError(code)).headers['receipt-id']).toBe('7');
    },
  );

  test.each(sections('SUBSCRIBE'))(
    'K5 (STOMP %s, "%s"): a destination is required',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SUBSCRIBE', { id: '0', receipt: '7' });

      expect((await peer.expectError('MISSING_HEADER')).headers['receipt-id']).toBe('7');
    },
  );

  test.each(inSections(SUBSCRIBE_ID, SUBSCRIBE_ID))(
    'K5 (STOMP %s, "%s"): an id is required',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SUBSCRIBE', { destination: TOPIC, receipt: '7' });

      expect((await peer.expectError('MISSING_HEADER')).headers['receipt-id']).toBe('7');
    },
  );

  test('K5 (STOMP 1.0, "SUBSCRIBE"): an id may be left out', async () => {
    const peer = await wire.connect('1.0');

    peer.frame('SUBSCRIBE', { destination: TOPIC });
    peer.frame('SEND', { destination: TOPIC }, 'hi');

    expect((await peer.expect('MESSAGE')).text).toBe('hi');
  });

  test.each(inSections(SUBSCRIBE_ID, SUBSCRIBE_ID, 'SUBSCRIBE'))(
    'K6 (STOMP %s, "%s"): an id that is taken is an ERROR, if it is taken on this connection',
    async (version) => {
      const other = await wire.listen(TOPIC, version);
      const peer = await wire.listen(TOPIC, version);

      peer.frame('SUBSCRIBE', { id: '0', destination: '/topic/another', receipt: '7' });

      const { headers } = await peer.expectError('DUPLICATE_SUBSCRIPTION');
      expect(headers['receipt-id']).toBe('7');
      await other.expectNothing();
    },
  );

  test.each(inSections(SUBSCRIBE_ID, SUBSCRIBE_ID, 'SUBSCRIBE'))(
    'K6 (STOMP %s, "%s"): an id is free again after UNSUBSCRIBE',
    async (version) => {
      const peer = await wire.listen('/topic/another', version);

      peer.frame('UNSUBSCRIBE', { id: '0' });
      await peer.subscribe(TOPIC);
      peer.frame('SEND', { destination: TOPIC }, 'hi');

      const { headers, text } = await peer.expect('MESSAGE');
      expect([headers.subscription, text]).toEqual(['0', 'hi']);
    },
  );

  test.each(
    sections('SUBSCRIBE').flatMap(([version]) => [
      [version, '/nowhere', 'UNKNOWN_DESTINATION'] as const,
      [version, '/app/nobody/home', 'NO_SUCH_DESTINATION'] as const,
      [version, '/topic/chat/nothing', 'NO_SUCH_DESTINATION'] as const,
    ]),
  )(
    'K7 (STOMP %s, "SUBSCRIBE"): a SUBSCRIBE to %s is an ERROR, and the end',
    async (version, destination, code) => {
      const peer = await wire.connect(version);

      peer.frame('SUBSCRIBE', { id: '0', destination, receipt: '7' });

      expect((await peer.expectError(code)).headers['receipt-id']).toBe('7');
    },
  );

  test.each(inSections('UNSUBSCRIBE', 'UNSUBSCRIBE'))(
    'K13 (STOMP %s, "%s"): an id is required, and a destination is none',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('UNSUBSCRIBE', { destination: TOPIC, receipt: '7' });

      expect((await peer.expectError('MISSING_HEADER')).headers['receipt-id']).toBe('7');
    },
  );

  test.each(sections('UNSUBSCRIBE'))(
    'K13 (STOMP %s, "%s"): an id without a subscription is an ERROR',
    async (version) => {
      const peer = await wire.listen(TOPIC, version);

      peer.frame('UNSUBSCRIBE', { id: '1', receipt: '7' });

      expect((await peer.expectError('NO_SUCH_SUBSCRIPTION')).headers['receipt-id']).toBe('7');
    },
  );

  test.each(['destination', 'id'])(
    'K13 (STOMP 1.0, "UNSUBSCRIBE"): a subscription is ended by the %s it was made with',
    async (name) => {
      const peer = await wire.connect('1.0');
      const subscription = name === 'id' ? { id: '7' } : {};

      peer.frame('SUBSCRIBE', { destination: TOPIC, ...subscription });
      peer.frame('UNSUBSCRIBE', name === 'id' ? subscription : { destination: TOPIC });
      peer.frame('SEND', { destination: TOPIC });

      await peer.expectNothing();
    },
  );

  test.each(sections('UNSUBSCRIBE'))(
    'K14 (STOMP %s, "%s"): no MESSAGE follows, and other subscriptions go on',
    async (version) => {
      const sender = await wire.connect();
      const peer = await wire.listen(TOPIC, version);
      await peer.subscribe(TOPIC, { id: '1' });
      peer.frame('UNSUBSCRIBE', { id: '0', receipt: '7' });
      await peer.expectReceipt('7');

      sender.frame('SEND', { destination: TOPIC }, 'hi');

      expect((await peer.expect('MESSAGE')).headers.subscription).toBe('1');
      await sender.expectNothing();
      await peer.expectNothing();
    },
  );

  test.each(sections('DISCONNECT'))(
    'K22 (STOMP %s, "%s"): its RECEIPT comes after those before it, then the end',
    async (version) => {
      const peer = await wire.connect(version);

      peer.frame('SEND', { destination: TOPIC, receipt: '1' });
      peer.frame('SUBSCRIBE', { id: '0', destination: TOPIC, receipt: '2' });
      peer.frame('DISCONNECT', { receipt: '3' });

      for (const receipt of ['1', '2', '3']) await peer.expectReceipt(receipt);
      await peer.expectEnd();
    },
  );

  test.each(sections('DISCONNECT'))(
    'K23 (STOMP %s, "%s"): what comes after it is not looked at',
    async (version) => {
      const listener = await wire.listen(TOPIC);
      const peer = await wire.connect(version);

      const send = frameText('SEND', { destination: TOPIC, receipt: 'never' });
      peer.say(`${frameText('DISCONNECT', { receipt: '7' })}${send}rubbish\n\n\0`);

      await peer.expectReceipt('7');
      await peer.expectEnd();
      await listener.expectNothing();
    },
  );

  test.each(
    inSections('Client Frames', 'Once Connected', 'Client Commands').flatMap(([version, section]) =>
      ['PUBLISH', 'MESSAGE', 'CONNECTED', 'SEND ', '{"type":"SEND"}'].map(
        (command) => [version, section, command] as const,
      ),
    ),
  )(
    'K24 (STOMP %s, "%s"): the frame %j is an ERROR, and the end',
    async (version, _section, command) => {
      const peer = await wire.connect(version);

      peer.frame(command, { destination: TOPIC });

      await peer.expectError('UNKNOWN_COMMAND');
    },
  );

  test.each(inSections('Header receipt', 'Header receipt', 'Receipt'))(
    'K25 (STOMP %s, "%s"): any other frame but CONNECT may ask for a receipt, of any text',
    async (version) => {
      const peer = await wire.connect(version);
      const receipt = version === '1.0' ? 'a b' : ' a\\cb ';

      peer.frame('SEND', { destination: TOPIC, receipt });
      peer.frame('SUBSCRIBE', { id: '0', destination: TOPIC, receipt });
      peer.frame('UNSUBSCRIBE', { id: '0', receipt });
      peer.frame('DISCONNECT', { receipt });

      for (let frame = 0; frame < 4; frame += 1) await peer.expectReceipt(receipt);
      await peer.expectEnd();
    },
  );
});
