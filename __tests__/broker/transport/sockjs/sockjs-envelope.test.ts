import { describe, expect, test } from '@jest/globals';
import {
  closeEnvelope,
  messagesEnvelope,
  parsePayload,
} from '../../../../broker/transport/sockjs/sockjs-envelope.ts';

describe('the envelopes of SockJS', () => {
  test('carry texts as JSON', () => {
    expect(messagesEnvelope(['a"\n', '한글'])).toBe('a["a\\"\\n","한글"]');
  });

  test('carry the code as a number and the reason as a text', () => {
    expect(closeEnvelope(1012, 'say "bye"')).toBe('c[1012,"say \\"bye\\""]');
  });
});

describe('a payload', () => {
  test.each([
    ['["a","b"]', ['a', 'b']],
    ['"alone"', ['alone']],
    ['[]', []],
    ['["\\ud83d"]', ['\ud83d']],
  ])('%s holds texts', (payload, texts) => {
    expect(parsePayload(payload)).toEqual({ type: 'texts', texts });
  });

  test.each(['[1]', '["a",null]', '[{}]', '[["a"]]', 'null', '7', 'true', '{"0":"a"}'])(
    '%s holds more than texts',
    (payload) => {
      expect(parsePayload(payload)).toEqual({ type: 'no-texts' });
    },
  );

  test.each(['', '["a"', "['a']", '["a"]x', `${'['.repeat(100_000)}`])(
    '%# is broken',
    (payload) => {
      expect(parsePayload(payload)).toEqual({ type: 'broken-json' });
    },
  );
});

describe('a large payload', () => {
  const many = (count: number, text: string) => JSON.stringify(Array(count).fill(text));

  test.each([
    ['a text with quotes and backslashes', '"\\"\\\\'.repeat(5_000)],
    ['a text that looks like a list', '["x",["y"]]'.repeat(5_000)],
  ])('may hold %s', (_what, text) => {
    expect(parsePayload(JSON.stringify([text, 'end']))).toEqual({
      type: 'texts',
      texts: [text, 'end'],
    });
  });

  test('may hold thousands of texts', () => {
    expect(parsePayload(many(8_192, 'ab'))).toEqual({
      type: 'texts',
      texts: Array(8_192).fill('ab'),
    });
  });

  test.each([
    ['more texts than it may', many(8_193, 'a')],
    ['no texts', JSON.stringify(Array(20_000).fill([]))],
    ['numbers', JSON.stringify(Array(20_000).fill(1))],
    ['a text, and numbers behind it', JSON.stringify(['a', ...Array(20_000).fill(1)])],
  ])('is not even parsed if it holds %s', (_what, payload) => {
    const { parse } = JSON;
    let parsed = 0;
    JSON.parse = (text: string) => {
      parsed += 1;
      return parse(text);
    };
    try {
      expect(parsePayload(payload).type).toBe('broken-json');
    } finally {
      JSON.parse = parse;
    }
    expect(parsed).toBe(0);
  });
});
