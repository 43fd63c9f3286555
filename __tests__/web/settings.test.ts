import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS, parseSettings } from '../../web/settings.ts';

const prefixes = { app: '/a', queue: '/q', topic: '/t', user: '/u' };

describe("the server's settings", () => {
  test('are taken when complete', () => {
    const content = JSON.stringify({ endpoint: '/chat', prefixes });

    expect(parseSettings(content)).toEqual({ endpoint: '/chat', prefixes });
  });

  test.each([
    ['empty', ''],
    ['no JSON', '{'],
    ['no object', '7'],
    ['without prefixes', '{"endpoint":"/chat"}'],
    ['with a prefix missing', JSON.stringify({ endpoint: '/c', prefixes: { app: '/a' } })],
    ['with a foreign endpoint', JSON.stringify({ endpoint: 'https://evil.example', prefixes })],
  ])('are the defaults when %s', (_how, content) => {
    expect(parseSettings(content)).toBe(DEFAULT_SETTINGS);
  });
});
