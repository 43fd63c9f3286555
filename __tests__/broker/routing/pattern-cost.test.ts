import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PatternIndex } from '../../../broker/routing/pattern-index.ts';
import { PatternTree } from '../../../broker/routing/pattern-tree.ts';

// Few letters, so that random names often match.
const separator = fc.constantFrom('/', '.');
const partsOf = (...parts: string[]) =>
  fc
    .array(fc.tuple(separator, fc.constantFrom(...parts)), { minLength: 1, maxLength: 6 })
    .map((list) => list.flat().join(''));
const names = partsOf('a', 'b', 'c', '');
const patterns = partsOf('a', 'b', 'c', '', '*', '*', '**', '**');

function indexOf(all: readonly string[]): PatternIndex<string> {
  const index = new PatternIndex<string>();
  for (const pattern of all) index.set(pattern, pattern);
  return index;
}

function treeOf(all: readonly string[]): PatternTree<string> {
  const tree = new PatternTree<string>();
  for (const pattern of all) tree.set(pattern, pattern);
  return tree;
}

const costOf = (...all: string[]) => treeOf(all).cost;

describe('the cost of a set of patterns', () => {
  test('is never less than the nodes that a name visits', () => {
    fc.assert(
      fc.property(fc.array(patterns, { maxLength: 30 }), fc.array(names), (all, asked) => {
        const index = indexOf(all);
        const { cost } = treeOf(all);
        for (const name of asked) {
          const before = index.visited;
          index.match(name);
          expect(index.visited - before).toBeLessThanOrEqual(cost);
        }
      }),
    );
  });

  test('is the same in whichever order they came and others went', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(patterns, { maxLength: 20 }),
        fc.uniqueArray(patterns, { maxLength: 20 }),
        (stay, go) => {
          const tree = treeOf([...go, ...stay]);
          const before = tree.cost;
          for (const pattern of go) if (!stay.includes(pattern)) tree.delete(pattern);

          expect(tree.cost).toBe(treeOf([...stay].reverse()).cost);
          expect(tree.size).toBe(stay.length);
          expect(tree.cost).toBeLessThanOrEqual(before);
        },
      ),
    );
  });

  test('is told with one more, and nothing of that one stays', () => {
    fc.assert(
      fc.property(fc.uniqueArray(patterns, { maxLength: 20 }), patterns, (all, one) => {
        const tree = treeOf(all);
        const [cost, nodes] = [tree.cost, tree.nodeCount];

        expect(tree.costWith(one)).toBe(treeOf([...all, one]).cost);
        expect([tree.cost, tree.nodeCount, tree.size]).toEqual([cost, nodes, all.length]);
      }),
    );
  });

  test('does not grow with patterns that no name can fit together', () => {
    const own = Array.from({ length: 5_000 }, (_, at) => `/topic/user/${at}/*`);
    const ends = Array.from({ length: 5_000 }, (_, at) => `/topic/*/${at}`);

    expect(costOf(...own)).toBe(costOf('/topic/user/0/*'));
    expect(costOf(...ends)).toBe(costOf('/topic/*/0'));
  });

  test('grows with those that a name can fit together', () => {
    const ways = ['/a', '/*'];
    const all = ways.flatMap((one) =>
      ways.flatMap((two) => ways.map((three) => `/topic${one}${two}${three}`)),
    );

    // The root, `/topic`, and 2, 4 and 8 below it.
    expect(costOf(...all)).toBe(16);
  });

  test('counts behind a ** as many of them as a name has segments', () => {
    const all = Array.from({ length: 100 }, (_, at) => `/topic/**/${at}`);

    // The root, `/topic`, `**`, and 24 of the 100.
    expect(costOf(...all)).toBe(27);
  });
});

describe('what is remembered of names', () => {
  test('stays for a name in use, however many new ones there are', () => {
    const index = indexOf(['/topic/**']);
    const name = (at: number) => `/topic/${String(at).padStart(990, '0')}`;
    index.match('/topic/used');
    const before = index.visited;

    for (let at = 0; at < 3_000; at += 1) {
      index.match(name(at));
      if (at % 100 === 0) index.match('/topic/used');
    }

    // Three nodes for each new name: the root, `/topic` and `**`.
    expect(index.visited - before).toBe(3_000 * 3);
    expect(index.remembered).toBeLessThanOrEqual(1_000_000);
  });
});
