import { describe, expect, test } from '@jest/globals';
import { beginningOf, headersOfStart, positionOf } from '../../../web/connection/stream-headers.ts';

describe('the start of a subscription', () => {
  test('is requested with headers that the broker knows', () => {
    expect(headersOfStart({ type: 'next' })).toEqual({});
    expect(headersOfStart({ type: 'last', count: 50 })).toEqual({ 'x-stream-offset': 'last=50' });
    expect(headersOfStart({ type: 'offset', epoch: 'e1', offset: 7 })).toEqual({
      'x-stream-offset': 'offset=7',
      'x-stream-epoch': 'e1',
    });
  });

  test('is read from its RECEIPT', () => {
    const headers = { 'x-stream-epoch': 'e1', 'x-stream-offset': '0', 'x-recovered': 'true' };

    expect(beginningOf(headers)).toEqual({ epoch: 'e1', head: 0, isRecovered: true });
    expect(beginningOf({ ...headers, 'x-recovered': 'false' })?.isRecovered).toBe(false);
    expect(beginningOf({})).toBeNull();
  });
});

test.each([
  ['7', 7],
  [undefined, null],
  ['many', null],
  ['-1', null],
  ['1.5', null],
])('a position must be a whole number: %s', (header, position) => {
  expect(positionOf({ 'x-stream-offset': header })).toBe(position);
});
