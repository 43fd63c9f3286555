import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { messageIdOf } from '../../shared/chat-message.ts';
import { codePoints, hasCodePoints, NameSchema, personKey } from '../../shared/names.ts';

describe('code points', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['한글', 2],
    ['😀', 1],
    ['a😀한', 3],
    ['\ud83d', 1],
    ['\ude00\ud83d', 2],
    ['한'.normalize('NFD'), 3],
    ['👨‍👩‍👧‍👦', 7],
  ])('of %j are %d', (text, count) => {
    expect(codePoints(text)).toBe(count);
  });

  test('are in bounds that are both included', () => {
    expect(hasCodePoints('😀', 2, 3)).toBe(false);
    expect(hasCodePoints('😀😀', 2, 3)).toBe(true);
    expect(hasCodePoints('😀😀😀', 2, 3)).toBe(true);
    expect(hasCodePoints('😀😀😀😀', 2, 3)).toBe(false);
    expect(hasCodePoints('aaaa', 2, 3)).toBe(false);
    expect(hasCodePoints('a', 2, 3)).toBe(false);
  });
});

describe('a name', () => {
  test.each([
    'a',
    '철수',
    ' 철수 ',
    '😀',
    'a'.repeat(50),
    '한'.repeat(50),
    '😀'.repeat(50),
    '\ud83d',
    'O’Neill, "Tip" <b>',
    '\u200b',
  ])('may be %j', (name) => {
    expect(v.is(NameSchema, name)).toBe(true);
  });

  test.each([
    ['empty', ''],
    ['spaces only', ' \u3000\u00a0'],
    ['51 letters', 'a'.repeat(51)],
    ['51 emoji', '😀'.repeat(51)],
    ['a name with NUL', 'a\0'],
    ['a name with a tab', 'a\tb'],
    ['a name with a line feed at its end', 'a\n'],
    ['a name with DEL', 'a\u007f'],
    ['a name with a C1 control', 'a\u0085'],
    ['a name with a line separator', 'a\u2028b'],
    ['a name with a paragraph separator', 'a\u2029b'],
    ['a number', 7],
    ['null', null],
  ])('is none when it is %s', (_what, name) => {
    expect(v.is(NameSchema, name)).toBe(false);
  });
});

describe('a person', () => {
  test('is the same with spaces around the name', () => {
    expect(personKey(' 철수\u3000')).toBe(personKey('철수'));
  });

  test('is the same whether the name is composed or not', () => {
    expect(personKey('철수'.normalize('NFD'))).toBe(personKey('철수'.normalize('NFC')));
    expect(personKey('e\u0301')).toBe(personKey('é'));
  });

  test.each([
    ['case', 'Ada', 'ada'],
    ['spaces inside', 'A B', 'A  B'],
    ['compatibility', 'ﬁ', 'fi'],
  ])('is another one with another %s', (_what, one, other) => {
    expect(personKey(one)).not.toBe(personKey(other));
  });
});

describe('the id of a message', () => {
  const idOf = (id: unknown) =>
    messageIdOf({ type: 'TALK', roomId: 1, sender: 'a', message: 'b', id });

  test.each(['a', '0', 'A-z_9', '-', '__proto__', 'x'.repeat(64)])('counts when it is %j', (id) => {
    expect(idOf(id)).toBe(id);
  });

  test.each(['', 'a b', 'a.b', 'é', 'a\n', 'x'.repeat(65), 7, null, undefined, ['a'], { a: 1 }])(
    'does not count when it is %j',
    (id) => {
      expect(idOf(id)).toBeNull();
    },
  );

  test('may be absent', () => {
    expect(messageIdOf({ type: 'ENTER', roomId: 1, sender: 'a' })).toBeNull();
  });
});
