import { describe, expect, test } from '@jest/globals';
import { PLAIN_DIALECT, sockJsDialect } from '../../../broker/transport/dialect.ts';

const bytes = (text: string) => Buffer.from(text);

describe('the plain dialect', () => {
  test('wraps each frame as a message of its own', () => {
    const packet = PLAIN_DIALECT.encoding.wrap([bytes('A\0'), bytes('BC\0')]);

    expect(packet.toString('hex')).toBe('81024100' + '8103424300');
  });

  test('wraps a frame that is no UTF-8 as binary, and only that one', () => {
    const packet = PLAIN_DIALECT.encoding.wrap([Buffer.of(0xff), bytes('A')]);

    expect(packet.toString('hex')).toBe('8201ff' + '810141');
  });

  test('has nothing to say but what it carries', () => {
    const { goodbye, heartBeat, opening } = PLAIN_DIALECT;

    expect([opening, heartBeat]).toEqual([null, null]);
    expect(goodbye(1012, 'DRAINING')).toEqual({ code: 1012, last: null });
  });

  test('reads every message as it is', () => {
    expect(PLAIN_DIALECT.read(bytes('x'))).toEqual([bytes('x')]);
  });
});

describe('the SockJS dialect', () => {
  test('wraps all frames as one envelope with a text for each', () => {
    const packet = sockJsDialect().encoding.wrap([bytes('A\0'), bytes('B')]);

    expect(Buffer.from(packet).toString('latin1')).toBe('\x81\x10a["A\\u0000","B"]');
  });

  test('says the code and the reason in an envelope, and closes normally', () => {
    const { code, last } = sockJsDialect().goodbye(4000, 'SLOW_CONSUMER');

    expect(code).toBe(1000);
    expect(last?.toString('latin1')).toBe('\x81\x17c[4000,"SLOW_CONSUMER"]');
  });

  test('reads each text of a payload, and a text that comes without a list', () => {
    const dialect = sockJsDialect();

    expect(dialect.read(bytes('["a","b"]'))).toEqual([bytes('a'), bytes('b')]);
    expect(dialect.read(bytes('"c"'))).toEqual([bytes('c')]);
    expect(dialect.read(bytes('[]'))).toEqual([]);
  });

  test('reads texts that cut an emoji in two', () => {
    const dialect = sockJsDialect();

    expect(dialect.read(bytes('["a\\ud83d"]'))).toEqual([bytes('a')]);
    expect(dialect.read(bytes('["\\ude00"]'))).toEqual([bytes('😀')]);
  });

  test('reads nothing in an empty message', () => {
    expect(sockJsDialect().read(bytes(''))).toEqual([]);
  });

  test.each(['["a"', '[1]', 'null'])('calls %s broken', (message) => {
    expect(sockJsDialect().read(bytes(message))).toBeNull();
  });

  test('keeps the half of an emoji to its own connection', () => {
    const [one, other] = [sockJsDialect(), sockJsDialect()];

    one.read(bytes('["\\ud83d"]'));

    expect(other.read(bytes('["x"]'))).toEqual([bytes('x')]);
    expect(one.encoding).toBe(other.encoding);
  });
});
