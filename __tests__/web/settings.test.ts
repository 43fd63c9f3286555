import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS, parseSettings } from '../../web/settings.ts';

const prefixes = { app: '/a', queue: '/q', topic: '/t', user: '/u' };

describe("the server's settings", () => {
  test('are used when they are complete', () => {
    const content = JSON.stringify({ endpoint: '/chat', prefixes });

    expect(parseSettings(content)).toEqual({ endpoint: '/chat', prefixes });
  });

  test.each([
    ['empty', ''],
    ['not JSON', '{'],
    ['not an object', '7'],
    ['without prefixes', '{"endpoint":"/chat"}'],
    ['with a prefix missing', JSON.stringify({ endpoint: '/c', prefixes: { app: '/a' } })],
    ['with a foreign endpoint', JSON.stringify({ endpoint: 'https://evil.example', prefixes })],
  ])('fall back to the defaults when %s', (_how, content) => {
    expect(parseSettings(content)).toBe(DEFAULT_SETTINGS);
  });
});
