import { describe, expect, test } from '@jest/globals';
import { GuardedStore } from '../../web/key-value-store.ts';
import { nameProblemOf, Profile } from '../../web/profile.ts';

const forbidden = () => {
  throw new Error('storage is forbidden');
};

describe('a name', () => {
  test.each(['Ada', '세종', '🦊'.repeat(50), '  spaces around  '])('%s is valid', (name) => {
    expect(nameProblemOf(name)).toBeNull();
  });

  test.each([
    ['', 'EMPTY'],
    [' \t ', 'EMPTY'],
    ['x'.repeat(51), 'TOO_LONG'],
    ['two\nlines', 'FORBIDDEN_CHARACTER'],
    ['bell\u0007', 'FORBIDDEN_CHARACTER'],
    ['evil\u202egnp', 'FORBIDDEN_CHARACTER'],
    ['\u200b', 'INVISIBLE'],
    ['\u3164\u202e', 'INVISIBLE'],
  ])('%j is refused as %s', (name, problem) => {
    expect(nameProblemOf(name)).toBe(problem);
  });
});

describe('the profile', () => {
  test('keeps the name between visits, without surrounding spaces', () => {
    const store = new GuardedStore(forbidden);

    expect(new Profile(store).rename(' Ada ')).toBeNull();

    expect(store.get('wschat.sender')).toBe('Ada');
    expect(new Profile(store).name.value).toBe('Ada');
  });

  test('keeps the last valid name when a new one is invalid', () => {
    const profile = new Profile(new GuardedStore(forbidden));
    profile.rename('Ada');

    expect(profile.rename('x'.repeat(51))).toBe('TOO_LONG');

    expect(profile.name.value).toBe('Ada');
  });

  test('ignores a stored name that is invalid', () => {
    const store = new GuardedStore(forbidden);
    store.set('wschat.sender', 'x'.repeat(51));

    expect(new Profile(store).name.value).toBe('');
  });
});

describe('a storage that the browser forbids', () => {
  test('keeps values while the page is open', () => {
    const store = new GuardedStore(forbidden);

    store.set('a', '1');
    expect(store.get('a')).toBe('1');
    store.remove('a');
    expect(store.get('a')).toBeNull();
  });
});
