import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { messageIdOf } from '../../shared/chat-message.ts';
import { codePoints, hasCodePoints, isVisible, NameSchema, personKey } from '../../shared/names.ts';

describe('the code points', () => {
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

  test('are checked against inclusive bounds', () => {
    expect(hasCodePoints('😀', 2, 3)).toBe(false);
    expect(hasCodePoints('😀😀', 2, 3)).toBe(true);
    expect(hasCodePoints('😀😀😀', 2, 3)).toBe(true);
    expect(hasCodePoints('😀😀😀😀', 2, 3)).toBe(false);
    expect(hasCodePoints('aaaa', 2, 3)).toBe(false);
    expect(hasCodePoints('a', 2, 3)).toBe(false);
  });
});

/** An emoji tag sequence: a black flag followed by a region in tag characters. */
const flag = (region: string) => {
  const tags = Array.from(region, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0)));
  return `\u{1f3f4}${tags.join('')}\u{e007f}`;
};

describe('a name', () => {
  test.each([
    'a',
    '철수',
    ' 철수 ',
    '😀',
    'a'.repeat(50),
    '한'.repeat(50),
    '😀'.repeat(50),
    'O’Neill, "Tip" <b>',
    'Kim\u200b',
  ])('may be %j', (name) => {
    expect(v.is(NameSchema, name)).toBe(true);
  });

  test.each([
    ['a family, which is joined', '👨‍👩‍👧‍👦'],
    ['an emoji with a skin tone', '👍🏽'],
    ['an emoji with a variation selector', '❤️'],
    ['a keycap', '7️⃣'],
    ['a flag of two letters', '🇰🇷'],
    ['the flag of Scotland, which has tags', flag('gbsct')],
    ['a flag with tags between letters', `a${flag('gbeng')}b`],
    ['Persian with a non-joiner', 'می\u200cخواهم'],
    ['Hindi with a joiner', 'क्\u200dष'],
    ['Malayalam with a joiner', 'ന്\u200dറ'],
    ['Sinhala with a joiner', 'ශ්\u200dරී'],
    ['Hebrew', 'שלום'],
    ['Arabic', 'محمد'],
    ['Arabic with marks', 'مُحَمَّد'],
    ['Hangul of single letters', '한국'.normalize('NFD')],
    ['Hangul letters that stand alone', 'ㄱㅏ'],
    ['old Hangul with a filler', '\u1112\u119e\u115f\u1161'],
    ['Latin with combining accents', 'e\u0301'],
    ['Han with an ideographic variation', '葛\u{e0100}'],
    ['Mongolian with a variation', 'ᠠ\u180b'],
    ['a code point of a Unicode to come', '\u{32500}'],
    ['a private character', '\ue000'],
    ['a replacement character', '\ufffd'],
  ])('may be %s', (_what, name) => {
    expect(v.is(NameSchema, name)).toBe(true);
  });

  test.each([
    ['empty', ''],
    ['51 letters', 'a'.repeat(51)],
    ['51 emoji', '😀'.repeat(51)],
    ['a name with NUL', 'a\0'],
    ['a name with a tab', 'a\tb'],
    ['a name with a line feed at its end', 'a\n'],
    ['a name with DEL', 'a\u007f'],
    ['a name with a C1 control', 'a\u0085'],
    ['a name with a line separator', 'a\u2028b'],
    ['a name with a paragraph separator', 'a\u2029b'],
    ['half an emoji', 'a\ud83d'],
    ['the other half', '\ude00a'],
    ['two halves in the wrong order', '\ude00\ud83d'],
    ['a name with a noncharacter', 'a\uffff'],
    ['a name with a noncharacter of the Arabic block', 'a\ufdd0'],
    ['a name with a noncharacter of another plane', 'a\u{1fffe}'],
    ['a name with a language tag', 'a\u{e0001}'],
    ['a name with hidden text in tags', 'a\u{e0061}\u{e0062}'],
    ['a flag with tags and no end', flag('gbsct').slice(0, -2)],
    ['a flag with only the end', '\u{1f3f4}\u{e007f}'],
    ['a flag with hidden text in tags', flag('gbsctgb')],
    ['tags alone', '\u{e0067}\u{e0062}\u{e007f}'],
    ['a number', 7],
    ['null', null],
  ])('is refused when it is %s', (_what, name) => {
    expect(v.is(NameSchema, name)).toBe(false);
  });

  test.each([
    '\u061c',
    '\u200e',
    '\u200f',
    '\u202a',
    '\u202b',
    '\u202c',
    '\u202d',
    '\u202e',
    '\u2066',
    '\u2067',
    '\u2068',
    '\u2069',
  ])('must not contain the bidirectional control %j', (control) => {
    expect(v.is(NameSchema, `a${control}b`)).toBe(false);
  });

  test.each([
    ['spaces', ' \u3000\u00a0'],
    ['a space without width', '\u200b'],
    ['a joiner', '\u200d'],
    ['a word joiner', '\u2060'],
    ['an invisible operator', '\u2062'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a grapheme joiner', '\u034f'],
    ['a variation selector', '\ufe0f'],
    ['another variation selector', '\u{e0101}'],
    ['a Hangul filler', '\u3164'],
    ['a half-width Hangul filler', '\uffa0'],
    ['a Hangul filler of an initial', '\u115f'],
    ['a Hangul filler of a vowel', '\u1160'],
    ['a braille blank', '\u2800'],
    ['a musical note without head', '\u{1d159}'],
    ['an interlinear mark', '\ufff9'],
    ['an accent alone', '\u0301'],
    ['an accent on a space', ' \u0301'],
    ['all of these', ' \u200b\u200d\ufeff\u3164\u2800\u0301'],
  ])('is refused as invisible when it is only %s', (_what, name) => {
    expect(isVisible(name)).toBe(false);
    expect(v.is(NameSchema, name)).toBe(false);
    expect(v.is(NameSchema, `${name}a`)).toBe(true);
  });
});

describe('a person', () => {
  test('is the same with spaces around the name', () => {
    expect(personKey(' 철수\u3000')).toBe(personKey('철수'));
    expect(personKey('철수\u2800')).toBe(personKey('철수'));
  });

  test('is the same whether accents are composed or decomposed', () => {
    expect(personKey('철수'.normalize('NFD'))).toBe(personKey('철수'.normalize('NFC')));
    expect(personKey('e\u0301')).toBe(personKey('é'));
  });

  test.each([
    ['a space without width', 'Kim\u200b'],
    ['a space without width before a space', ' \u200b Kim'],
    ['a joiner', 'K\u200dim'],
    ['a non-joiner', 'Ki\u200cm'],
    ['a word joiner', '\u2060Kim'],
    ['a byte order mark', '\ufeffKim'],
    ['a soft hyphen', 'Ki\u00adm'],
    ['a variation selector', 'Kim\ufe0f'],
    ['a Hangul filler', 'Kim\u3164'],
    ['an interlinear mark', 'Kim\ufff9'],
    ['a tag', 'Kim\u{e0061}'],
  ])('is the same with %s in the name', (_what, name) => {
    expect(personKey(name)).toBe('Kim');
  });

  test('is the same with a joiner between a letter and its accent', () => {
    expect(personKey('e\u034f\u0301')).toBe(personKey('é'));
  });

  test.each([
    ['case', 'Ada', 'ada'],
    ['spaces inside', 'A B', 'A  B'],
    ['compatibility', 'ﬁ', 'fi'],
    ['a skin tone', '👍', '👍🏽'],
    ['the flag', flag('gbeng'), flag('gbsct')],
    ['a flag that has tags', '\u{1f3f4}', flag('gbsct')],
    ['an invisible name of before the rules', '\u200b', '\u3164'],
  ])('is a different one with a different %s', (_what, one, other) => {
    expect(personKey(one)).not.toBe(personKey(other));
  });
});

describe('the id of a message', () => {
  const idOf = (id: unknown) =>
    messageIdOf({ type: 'TALK', roomId: 1, sender: 'a', message: 'b', id });

  test.each(['a', '0', 'A-z_9', '-', '__proto__', 'x'.repeat(64)])(
    'is valid when it is %j',
    (id) => {
      expect(idOf(id)).toBe(id);
    },
  );

  test.each(['', 'a b', 'a.b', 'é', 'a\n', 'x'.repeat(65), 7, null, undefined, ['a'], { a: 1 }])(
    'is ignored when it is %j',
    (id) => {
      expect(idOf(id)).toBeNull();
    },
  );

  test('may be absent', () => {
    expect(messageIdOf({ type: 'ENTER', roomId: 1, sender: 'a' })).toBeNull();
  });
});
