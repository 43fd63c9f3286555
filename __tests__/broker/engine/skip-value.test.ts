import { describe, expect, test } from '@jest/globals';
import { pack } from 'msgpackr';
import { skipValue } from '../../../broker/engine/skip-value.ts';

const lengths = [0, 1, 31, 32, 255, 256, 65_535, 65_536];
const numbers = [0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32, 1_763_726_791_123, 0.5];

const VALUES: [what: string, values: unknown[]][] = [
  ['numbers', numbers.flatMap((number) => [number, -number])],
  ['strings', lengths.map((length) => 'é'.repeat(length))],
  ['bytes', lengths.map((length) => Buffer.alloc(length, 0xc1))],
  ['lists', [0, 1, 15, 16, 65_536].map((length) => Array.from({ length }, () => ['a', 'ö']))],
  ['nothing', [null]],
];

describe('a value that is passed over', () => {
  test.each(VALUES)('ends where the next one begins: %s', (_what, values) => {
    for (const value of values) {
      const packed = pack(value);
      const bytes = Buffer.concat([Buffer.alloc(3), packed, Buffer.alloc(8)]);

      expect(skipValue(bytes, 3)).toBe(3 + packed.length);
    }
  });

  test('is of a kind that records have', () => {
    expect(() => skipValue(Buffer.from([0xc1]), 0)).toThrow(/unknown kind: 193/);
  });
});
