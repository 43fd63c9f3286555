import { describe, expect, test } from '@jest/globals';
import { refusalOf } from '../../../web/connection/refusal-of.ts';

describe('a refusal', () => {
  test('is read from the body; a header names its SEND', () => {
    const refusal = refusalOf({ 'receipt-id': 'r-1', code: 'X' }, { code: 'BAD', text: 'why' });

    expect(refusal).toEqual({ code: 'BAD', text: 'why', receiptId: 'r-1' });
  });

  test('falls back to the headers', () => {
    expect(refusalOf({ code: 'BAD' }, undefined)).toEqual({ code: 'BAD', text: '' });
  });

  test('always has a code', () => {
    expect(refusalOf({}, 'nonsense').code).toBe('UNKNOWN');
  });
});
