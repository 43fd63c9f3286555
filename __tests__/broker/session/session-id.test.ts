import { expect, test } from '@jest/globals';
import { createSessionId } from '../../../broker/session/session-id.ts';

test('names are sixteen hexadecimal digits, and no two are alike', () => {
  const names = Array.from({ length: 2_000 }, () => createSessionId());

  expect(new Set(names).size).toBe(2_000);
  for (const name of names) expect(name).toMatch(/^[\da-f]{16}$/);
  expect(names).not.toContain('0'.repeat(16));
});
