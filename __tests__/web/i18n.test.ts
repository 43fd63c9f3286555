import { describe, expect, test } from '@jest/globals';
import { pickLanguage, TEXTS } from '../../web/i18n.ts';

/** All texts by key; functions are called with sample arguments. */
function sentences(texts: object): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'function') all.set(key, String(value(2, '7')));
    else if (typeof value === 'string') all.set(key, value);
    else for (const [inner, text] of sentences(value)) all.set(`${key}.${inner}`, text);
  }
  return all;
}

describe('the language', () => {
  test.each([
    [['ko-KR', 'en-US'], 'ko'],
    [['en-GB', 'ko'], 'en'],
    [['de', 'fr', 'KO'], 'ko'],
    [['kok', 'de'], 'en'],
    [[], 'en'],
  ])('of a reader of %j is %s', (languages, language) => {
    expect(pickLanguage(languages)).toBe(language);
  });
});

describe('the texts', () => {
  const [en, ko] = [sentences(TEXTS.en), sentences(TEXTS.ko)];

  test('have the same keys in every language', () => {
    expect([...ko.keys()].sort()).toEqual([...en.keys()].sort());
  });

  test('are never empty', () => {
    expect([...en, ...ko].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('are in Korean on the Korean page', () => {
    const same = [...ko].filter(
      ([key, text]) => key !== 'appName' && key !== 'pageTitle' && !/[가-힣]/.test(text),
    );

    expect(same).toEqual([]);
  });

  test.each([TEXTS.en, TEXTS.ko])('show the code of a refusal without a translation', (texts) => {
    expect(texts.refusal('STRANGE', 'why')).toMatch(/STRANGE.*why/);
    expect(texts.refusal('RATE_LIMITED', 'why')).not.toMatch(/RATE_LIMITED|why/);
  });

  test.each([TEXTS.en, TEXTS.ko])('say why the server ended the connection', (texts) => {
    expect(texts.awayRefused('STRANGE', 'why')).toMatch(/why$/);
    expect(texts.awayRefused('TOO_MANY_REFUSALS', 'why')).not.toMatch(/why/);
  });

  test.each([
    ['7', '7번 방', 'Room 7'],
    ['0012', '0012번 방', 'Room 0012'],
    ['big', 'big 방', 'Room big'],
    ['7th-floor', '7th-floor 방', 'Room 7th-floor'],
  ])('call the room %s a number only if it is one', (roomId, ko, en) => {
    expect([TEXTS.ko.roomTitle(roomId), TEXTS.en.roomTitle(roomId)]).toEqual([ko, en]);
  });

  test('do not call a message unsent that may have arrived', () => {
    expect(TEXTS.en.failed('STORE_FULL', '')).toMatch(/^Not sent\. The server/);
    expect(TEXTS.ko.failed('STORE_FULL', '')).toMatch(/^전송하지 못했습니다\. 서버/);
    for (const texts of [TEXTS.en, TEXTS.ko])
      expect(texts.failed('UNSURE', '')).toBe(texts.refusal('UNSURE', ''));
  });

  test('count one of something as one', () => {
    expect(TEXTS.en.counter(1)).toBe('1 character left');
    expect(TEXTS.en.counter(-2)).toBe('2 characters too many');
    expect(TEXTS.en.moreRooms(1)).toBe('and 1 more room');
  });

  test('count one person as one', () => {
    expect([TEXTS.en.people(1), TEXTS.en.people(2)]).toEqual(['1 person', '2 people']);
  });
});
