import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { negotiateHeartBeat } from '../../../broker/stomp/heart-beat.ts';
import { negotiateVersion, STOMP_VERSIONS } from '../../../broker/stomp/version.ts';
import { errorOf } from './decode-all.ts';

describe('version negotiation', () => {
  test.each([
    ['1.2', '1.2'],
    ['1.0,1.1,1.2', '1.2'],
    ['1.2,1.1,1.0', '1.2'],
    ['1.1,1.0', '1.1'],
    ['1.0', '1.0'],
    ['1.0,1.1,2.0', '1.1'],
    [' 1.1 , 1.0 ', '1.1'],
    ['1.1,1.1', '1.1'],
  ])('makes of %j the highest common version, %s', (accepted, version) => {
    expect(negotiateVersion(accepted)).toBe(version);
  });

  test('takes a missing accept-version for 1.0', () => {
    expect(negotiateVersion(undefined)).toBe('1.0');
  });

  test.each(['', ',', '2.0', '1.3,2', '1', '1.20', '1.2 1.1', 'v1.2', '1,2'])(
    'finds no version in %j',
    (accepted) => {
      expect(negotiateVersion(accepted)).toBeNull();
    },
  );

  test('does not rely on the order of the list', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...STOMP_VERSIONS, '0.9', '2.0']), (accepted) => {
        const known = STOMP_VERSIONS.filter((version) => accepted.includes(version));

        expect(negotiateVersion(accepted.join(','))).toBe(known.at(-1) ?? null);
      }),
    );
  });
});

describe('heart-beat negotiation', () => {
  test.each([
    ['0,0', 10_000, 0, 0],
    ['5000,0', 10_000, 0, 10_000],
    ['0,5000', 10_000, 10_000, 0],
    ['20000,5000', 10_000, 10_000, 20_000],
    ['5000,20000', 10_000, 20_000, 10_000],
    ['1,1', 1, 1, 1],
    ['5000,5000', 0, 0, 0],
    [' 10,20 ', 5, 20, 10],
    ['0010,020', 5, 20, 10],
    ['9999999999,9999999999', 5, 9_999_999_999, 9_999_999_999],
  ])('makes of %j and %d: send every %d, expect every %d', (header, ownMs, sendMs, expectMs) => {
    expect(negotiateHeartBeat(header, ownMs)).toEqual({ sendMs, expectMs });
  });

  test('takes a missing header for 0,0', () => {
    expect(negotiateHeartBeat(undefined, 10_000)).toEqual({ sendMs: 0, expectMs: 0 });
  });

  test.each([
    '',
    ',',
    '1',
    '1,',
    ',1',
    '1,2,3',
    '-1,0',
    '1.5,0',
    '1e3,0',
    'a,b',
    '1, 2',
    '1;2',
    '0x1,0',
    '12345678901,0',
    '١,٢',
  ])('refuses %j', (header) => {
    const error = errorOf(() => negotiateHeartBeat(header, 10_000));

    expect(error).toMatchObject({ code: 'BAD_HEART_BEAT', detail: header });
  });
});
