import { describe, expect, test } from '@jest/globals';
import {
  closeEnvelope,
  messagesEnvelope,
  parsePayload,
} from '../../../broker/transport/sockjs-envelope.ts';

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
