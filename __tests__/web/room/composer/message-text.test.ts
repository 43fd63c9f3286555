import { describe, expect, test } from '@jest/globals';
import {
  charactersLeft,
  isTooLong,
  sendableText,
} from '../../../../web/room/composer/message-text.ts';

describe('a typed text', () => {
  test('is sent as typed, without trailing white space', () => {
    expect(sendableText('  two\n\n lines \n')).toBe('  two\n\n lines');
  });

  test('is not sent when it is blank', () => {
    expect(sendableText(' \n\t')).toBe('');
  });

  test('is counted only near the limit', () => {
    expect(charactersLeft('x'.repeat(3_799))).toBeNull();
    expect(charactersLeft('x'.repeat(3_800))).toBe(200);
    expect(charactersLeft('x'.repeat(4_001))).toBe(-1);
  });

  test('is counted in code points, like the broker does', () => {
    expect(isTooLong('🦊'.repeat(4_000))).toBe(false);
    expect(isTooLong('🦊'.repeat(4_001))).toBe(true);
    expect(charactersLeft('🦊'.repeat(2_000))).toBeNull();
  });

  test('is not too long because of trailing white space', () => {
    expect(isTooLong(`${'x'.repeat(4_000)}\n\n`)).toBe(false);
  });
});
