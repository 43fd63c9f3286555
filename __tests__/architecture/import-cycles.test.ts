import { describe, expect, test } from '@jest/globals';
import { cyclesIn, type ImportGraph } from './import-cycles.ts';
import { filesOf, importsOf } from './source-imports.ts';

describe('the search for import circles', () => {
  test('finds two files that import each other', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['a']],
    ]);

    expect(cyclesIn(graph)).toEqual([['a', 'b']]);
  });

  test('finds a circle that goes by way of others, and leaves out who only leads into it', () => {
    const graph = new Map([
      ['outside', ['c']],
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a', 'leaf']],
      ['leaf', []],
    ]);

    expect(cyclesIn(graph)).toEqual([['a', 'b', 'c']]);
  });

  test('tells circles apart that have no file in common', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['a', 'x']],
      ['x', ['y']],
      ['y', ['x']],
    ]);

    expect(cyclesIn(graph)).toEqual([
      ['a', 'b'],
      ['x', 'y'],
    ]);
  });

  test('finds none where imports only share what they import', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', []],
    ]);

    expect(cyclesIn(graph)).toEqual([]);
  });
});

describe.each(['broker', 'shared', 'web'])('%s', (folder) => {
  test('has no circle of imports that are loaded', () => {
    expect(cyclesIn(graphOf(folder, { withTypes: false }))).toEqual([]);
  });

  test('has no circle of imports, types included', () => {
    expect(cyclesIn(graphOf(folder, { withTypes: true }))).toEqual([]);
  });
});

function graphOf(folder: string, { withTypes }: { readonly withTypes: boolean }): ImportGraph {
  const files = filesOf(folder);
  const loaded = (file: string) =>
    importsOf(file)
      .filter(({ isType }) => withTypes || !isType)
      .map(({ target }) => target);
  return new Map(files.map((file) => [file, loaded(file)]));
}
