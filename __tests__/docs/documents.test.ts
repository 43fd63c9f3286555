// What holds for every document: its lines wrap, its links lead somewhere, and the files that it
// names are there. Tables and code need not wrap.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const COLUMNS = 100;
const DOCUMENTS = ['.', 'docs', 'bench'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);
const SOURCES = ['broker', 'shared', 'web', 'scripts', 'bench', '__tests__'];
const NAMES = new Set(
  SOURCES.flatMap((folder) =>
    readdirSync(folder, { encoding: 'utf8', recursive: true }).map((file) => basename(file)),
  ),
);

function textOf(file: string): string {
  return readFileSync(file, 'utf8');
}

/** Without what stands in fences, whose lines are empty then. */
function proseOf(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, (code) => code.replace(/.+/g, ''));
}

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsOf(file: string): string[] {
  return [...proseOf(textOf(file)).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => anchorOf(text));
}

/** Whether a link of a document leads to a file, and to a heading of it. */
function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? document : join(dirname(document), path);
  return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor));
}

describe.each(DOCUMENTS)('%s', (document) => {
  const prose = proseOf(textOf(document));

  test('has links that lead to a file, and to a heading where they name one', () => {
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
      .map(([, link, image]) => link ?? image ?? '')
      .filter((link) => !link.startsWith('http'));

    expect(links.filter((link) => !leadsSomewhere(document, link))).toEqual([]);
  });

  test('names files that are there', () => {
    const named = [...prose.matchAll(/`([\w./-]+\.(?:tsx?|mjs|md))`/g)].map(
      ([, file = '']) => file,
    );

    expect(named.filter((file) => !existsSync(file) && !NAMES.has(basename(file)))).toEqual([]);
  });
});

const WRAPPED = DOCUMENTS;

describe.each(WRAPPED)('the prose of %s', (document) => {
  test(`wraps at ${COLUMNS} columns`, () => {
    const lines = proseOf(textOf(document)).split('\n');
    const long = lines.filter((line) => line.length > COLUMNS && !/^[|<!]/.test(line));

    expect(long).toEqual([]);
  });
});

describe('docs/glossary.md', () => {
  const tables = textOf('docs/glossary.md')
    .split(/^## /m)
    .map((section) => [...section.matchAll(/^\| ([^|]+?) \|/gm)].map(([, term = '']) => term))
    .map((terms) => terms.filter((term) => term !== 'term'));

  test('says each term once', () => {
    const terms = tables.flat();

    expect(terms.filter((term, at) => terms.indexOf(term) !== at)).toEqual([]);
  });

  test('has the terms of each group in alphabetical order', () => {
    for (const terms of tables) {
      expect(terms).toEqual(terms.toSorted((one, other) => one.localeCompare(other, 'en')));
    }
  });

  test('names types and properties that the code has', () => {
    const code = SOURCES.flatMap((folder) => sourcesOf(folder)).join('\n');
    const words = new Set(code.match(/\w+/g));
    const columns = [...textOf('docs/glossary.md').matchAll(/\| ([^|]*) \|$/gm)];
    const named = columns.flatMap(([, column = '']) => [...column.matchAll(/`([\w.]+)`/g)]);
    const names = named.map(([, name = '']) => name).filter((name) => /^\w+(\.\w+)?$/.test(name));

    expect(names.filter((name) => !name.split('.').every((word) => words.has(word)))).toEqual([]);
  });
});

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter((file) => /\.(?:tsx?|mjs)$/.test(file))
    .map((file) => textOf(join(folder, file)));
}
