import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PatternIndex } from '../../../broker/routing/pattern-index.ts';

// Few letters, so that random names often match.
const separator = fc.constantFrom('/', '.');
const partsOf = (...parts: string[]) =>
  fc
    .array(fc.tuple(separator, fc.constantFrom(...parts)), { minLength: 1, maxLength: 6 })
    .map((list) => list.flat().join(''));
const names = partsOf('a', 'b', '', 'a*', '***');
const patterns = partsOf('a', 'b', '', 'a*', '***', '*', '*', '**', '**');

/** A second implementation: a `**` matches segments with any separators. */
function fits(pattern: string, name: string): boolean {
  const source = pattern
    .split(/(?=[/.])/)
    .map((segment) => {
      const wildcard = segment.slice(1);
      if (wildcard === '**') return '(?:[/.][^/.]*)*';
      return (
        segment.charAt(0).replace('.', '\\.') + (wildcard === '*' ? '[^/.]*' : quoted(wildcard))
      );
    })
    .join('');
  return new RegExp(`^${source}$`).test(name);
}

function quoted(text: string): string {
  return text.replaceAll('*', '\\*');
}

function indexOf(...list: string[]): PatternIndex<string> {
  const index = new PatternIndex<string>();
  for (const pattern of list) index.set(pattern, pattern);
  return index;
}

/** Counts the lookups in Maps while the function runs. */
function countLookups(work: () => void): number {
  const { get } = Map.prototype;
  let count = 0;
  Map.prototype.get = function (key: unknown) {
    count += 1;
    return get.call(this, key);
  };
  try {
    work();
  } finally {
    Map.prototype.get = get;
  }
  return count;
}

/** A name with this number of segments. */
const deep = (count: number) => `/topic${'/a'.repeat(count - 1)}`;

describe('an index of patterns', () => {
  test.each([
    ['/topic/a/*', ['/topic/a/b', '/topic/a/'], ['/topic/a', '/topic/a.b', '/topic/a/b/c']],
    ['/topic/a.*', ['/topic/a.b'], ['/topic/a/b', '/topic/a']],
    ['/topic/a/**', ['/topic/a', '/topic/a/b', '/topic/a.b.c', '/topic/a/b.c'], ['/topic/ab']],
    ['/topic/**/z', ['/topic/z', '/topic/a.b/z', '/topic/z/z'], ['/topic/a.z', '/topic/z/a']],
    ['/topic/**.z', ['/topic.z', '/topic/a.z'], ['/topic/z']],
    ['/topic/*/*', ['/topic/a/b'], ['/topic/a', '/topic/a.b']],
    ['/topic/a*b', ['/topic/a*b'], ['/topic/axb', '/topic/ab']],
    ['/topic/***', ['/topic/***'], ['/topic/a', '/topic/a/b']],
  ])('%s fits what it says', (pattern, fitting, others) => {
    const index = indexOf(pattern);

    expect(fitting.filter((name) => index.match(name).length === 1)).toEqual(fitting);
    expect(others.filter((name) => index.match(name).length > 0)).toEqual([]);
  });

  test('keeps patterns apart that fit the same', () => {
    const index = indexOf('/topic/a/**', '/topic/a.**', '/topic/a/**/**', '/topic/a/**.**');

    expect(index.size).toBe(4);
    expect(index.match('/topic/a/b')).toHaveLength(4);

    index.delete('/topic/a.**');

    expect([...index.match('/topic/a/b')].sort()).toEqual([
      '/topic/a/**',
      '/topic/a/**.**',
      '/topic/a/**/**',
    ]);
  });

  test('gives what a plain matcher gives, whatever was set and deleted before', () => {
    const change = fc.record({ pattern: patterns, isSet: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.array(names), (changes, asked) => {
        const index = new PatternIndex<string>();
        const there = new Set<string>();
        for (const { isSet, pattern } of changes) {
          if (isSet) index.set(pattern, pattern);
          else index.delete(pattern);
          if (isSet) there.add(pattern);
          else there.delete(pattern);
          // The second lookup reads the cache.
          for (const name of [...asked, ...asked]) {
            const expected = [...there].filter((one) => fits(one, name));
            expect([...index.match(name)].sort()).toEqual(expected.sort());
          }
          expect(index.size).toBe(there.size);
        }
      }),
    );
  });

  test('gives the value that was set last', () => {
    const index = new PatternIndex<number>();

    index.set('/topic/*', 1);
    index.match('/topic/a');
    index.set('/topic/*', 2);

    expect(index.match('/topic/a')).toEqual([2]);
    expect(index.size).toBe(1);
  });

  test('is as new once everything is deleted', () => {
    const given = fc.uniqueArray(patterns, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(given, fc.array(names), (all, asked) => {
        const index = indexOf(...all);
        for (const name of asked) index.match(name);

        for (const pattern of all) index.delete(pattern);

        expect([index.nodeCount, index.remembered, index.size]).toEqual([0, 0, 0]);
      }),
    );
  });

  test('lets a pattern stay that stands on the way to one that is deleted', () => {
    const index = indexOf('/topic/*', '/topic/*/a');

    index.delete('/topic/*/a');
    index.delete('/topic/*/never/there');

    expect(index.match('/topic/x')).toEqual(['/topic/*']);
    expect(index.nodeCount).toBe(2);
  });

  test('remembers no more than it may, however many names there are', () => {
    const index = indexOf('/topic/**');
    const name = (at: number) => `/topic/${String(at).padStart(990, '0')}`;

    for (let at = 0; at < 3_000; at += 1) index.match(name(at));

    expect(index.remembered).toBeGreaterThan(0);
    expect(index.remembered).toBeLessThanOrEqual(1_000_000);
  });

  test('sees each segment of the patterns once, however many ways a name goes through them', () => {
    const index = new PatternIndex<number>();
    const kinds = ['/a', '/*', '/**', '.**'];
    let chance = 1;
    const next = () => {
      chance = (chance * 48_271) % 0x7fffffff;
      return kinds[(chance >> 8) & 3];
    };
    // The patterns end in a segment that no name has, so none matches.
    for (let at = 0; at < 3_000; at += 1) {
      index.set(`/topic${Array.from({ length: 22 }, next).join('')}/z`, at);
    }

    const lookups = countLookups(() => {
      for (let at = 0; at < 10; at += 1) expect(index.match(`${deep(22)}/y${at}`)).toEqual([]);
    });

    // Each node looks its children up by name: four ways to write the segments of this name, and
    // two wildcards for any number. A walk that tried one way after the other would take minutes.
    expect(lookups).toBeGreaterThan(10 * index.nodeCount);
    expect(lookups).toBeLessThan(10 * 8 * index.nodeCount);
  });

  test('shows nothing to patterns where a name has more segments than a pattern may', () => {
    const index = indexOf('/topic/**');

    expect(index.match(deep(24))).toEqual(['/topic/**']);
    expect(index.match(deep(25))).toEqual([]);
    expect(index.match(deep(4_000))).toEqual([]);
  });
});
