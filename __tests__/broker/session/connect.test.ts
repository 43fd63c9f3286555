import { describe, expect, test } from '@jest/globals';
import { memoryBroker } from '../../support/memory-broker.ts';

describe('a session that opens', () => {
  test('answers CONNECT with version, session, server, heart-beat and epoch', () => {
    const broker = memoryBroker();
    const client = broker.open();

    client.frame('CONNECT', { 'accept-version': '1.0,1.1,1.2', host: 'test' });

    const [connected] = client.take();
    expect(connected?.command).toBe('CONNECTED');
    expect(connected?.headers).toEqual({
      version: '1.2',
      'heart-beat': '10000,10000',
      session: expect.stringMatching(/^[0-9a-f]{16}$/),
      server: 'stomping-ground/test',
      'x-stream-epoch': broker.parts.engine.epoch,
    });
  });

  test('treats STOMP as CONNECT', () => {
    const client = memoryBroker().open();

    client.frame('STOMP', { 'accept-version': '1.2', host: 'test' });

    expect(client.take()[0]?.command).toBe('CONNECTED');
  });

  test('sends a 1.0 client neither version nor heart-beat', () => {
    const client = memoryBroker().open();

    client.frame('CONNECT', { login: 'x', passcode: 'y' });

    const [connected] = client.take();
    expect(connected?.command).toBe('CONNECTED');
    expect(connected?.headers.version).toBeUndefined();
    expect(connected?.headers['heart-beat']).toBeUndefined();
    expect(connected?.headers.session).toBeDefined();
  });

  test('lists its versions in the ERROR when none is common, and closes', () => {
    const client = memoryBroker().open();

    client.frame('CONNECT', { 'accept-version': '2.0', host: 'test' });

    const [error] = client.take();
    expect(error?.command).toBe('ERROR');
    expect(error?.headers.code).toBe('VERSION_NOT_SUPPORTED');
    expect(error?.headers.version).toBe('1.0,1.1,1.2');
    expect(client.closedWith).toEqual({ code: 1002, reason: 'PROTOCOL_ERROR' });
  });

  test.each([['SEND'], ['SUBSCRIBE'], ['DISCONNECT']])(
    'refuses %s as the first frame',
    (command) => {
      const client = memoryBroker().open();

      client.frame(command, { destination: '/topic/a', id: '1' });

      expect(client.take()[0]?.headers.code).toBe('NOT_CONNECTED');
      expect(client.closedWith?.reason).toBe('PROTOCOL_ERROR');
    },
  );

  test('refuses a second CONNECT', () => {
    const client = memoryBroker().connect();

    client.frame('CONNECT', { 'accept-version': '1.2' });

    expect(client.take()[0]?.headers.code).toBe('ALREADY_CONNECTED');
  });

  test('refuses a heart-beat that is not a pair of numbers', () => {
    const client = memoryBroker().open();

    client.frame('CONNECT', { 'accept-version': '1.2', 'heart-beat': 'often' });

    expect(client.take()[0]?.headers.code).toBe('BAD_HEART_BEAT');
  });

  test('gives up a peer that never logs in', () => {
    const broker = memoryBroker({ connectTimeoutMs: 10_000 });
    const client = broker.open();

    broker.clock.advance(9_000);
    expect(client.closedWith).toBeNull();
    broker.clock.advance(2_000);

    expect(client.take()[0]?.headers.code).toBe('CONNECT_TIMEOUT');
    expect(client.closedWith).toEqual({ code: 4002, reason: 'CONNECT_TIMEOUT' });
    expect(broker.ended).toHaveLength(1);
  });

  test('gives up a peer that sends half a CONNECT and falls silent', () => {
    const broker = memoryBroker({ connectTimeoutMs: 10_000 });
    const client = broker.open().say('CONNECT\naccept-ver');

    broker.clock.advance(11_000);

    expect(client.closedWith?.reason).toBe('CONNECT_TIMEOUT');
  });
});

describe('a session that ends', () => {
  test('sends the RECEIPT of DISCONNECT and closes normally', () => {
    const broker = memoryBroker();
    const client = broker.connect();

    client.frame('DISCONNECT', { receipt: 'bye' });

    expect(client.take().map(({ command, headers }) => [command, headers['receipt-id']])).toEqual([
      ['RECEIPT', 'bye'],
    ]);
    expect(client.closedWith).toEqual({ code: 1000, reason: 'CLIENT_LEFT' });
    expect(broker.ended).toHaveLength(1);
  });

  test('ignores frames after DISCONNECT', () => {
    const client = memoryBroker().connect();

    client
      .frame('DISCONNECT')
      .frame('SUBSCRIBE', { id: '1', destination: '/topic/a', receipt: 'r' });
    client.say('rubbish\n\n\0');

    expect(client.take()).toEqual([]);
  });

  test('leaves nothing behind when its transport is lost', () => {
    const broker = memoryBroker();
    const client = broker.connect();
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/a' });

    client.lose();
    client.lose();

    expect(broker.index.has('/topic/a')).toBe(false);
    expect(broker.ended).toHaveLength(1);
  });
});
