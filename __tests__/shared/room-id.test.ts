import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRoomId, roomIdText } from '../../shared/room-id.ts';

describe('a room id', () => {
  test.each([
    ['a', 'a'],
    ['A-z_09', 'A-z_09'],
    ['-', '-'],
    ['__proto__', '__proto__'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['007', '007'],
    ['1e21', '1e21'],
    [0, '0'],
    [7, '7'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('%j is normalized to %j', (roomId, text) => {
    expect(parseRoomId(roomId)).toBe(text);
  });

  test('-0 is normalized to "0"', () => {
    expect(parseRoomId(-0)).toBe('0');
    expect(parseRoomId(JSON.parse('-0'))).toBe('0');
    expect(roomIdText(-0)).toBe('0');
  });

  test('names the same room as a number and as its decimal text', () => {
    expect(parseRoomId(7)).toBe(parseRoomId('7'));
    expect(parseRoomId(7)).not.toBe(parseRoomId('07'));
  });

  test.each([
    '',
    ' ',
    'a b',
    ' a',
    'a\n',
    'a/b',
    'a.b',
    '방',
    'é',
    '*',
    '{roomId}',
    '$&',
    'x'.repeat(65),
    -1,
    1.5,
    5e-324,
    2 ** 53,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    undefined,
    true,
    [7],
    { toString: () => 'a' },
    7n,
  ])('is refused when it is %p', (value) => {
    expect(parseRoomId(value)).toBeNull();
  });

  test('is always normalized to a text that is a valid room id', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), fc.string(), fc.double(), fc.anything()), (value) => {
        const text = parseRoomId(value);

        if (text === null) return;
        expect(text).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(parseRoomId(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
