import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';

// Who may import whom (ARCHITECTURE.md, "The house"). `types` may be imported as types only.
// What is passed in everywhere, the clock and the log, is open to all as types.
const PASSED_IN = ['broker/clock', 'broker/log'];
// What transports, routing and sessions hand to each other, and answers that may come later.
const HANDED_ON = ['broker/maybe', 'broker/packet'];

// What the files at the top of broker/ put together.
const INNER = [
  'broker/application',
  'broker/chat',
  'broker/clock',
  'broker/engine',
  'broker/limits',
  'broker/log',
  'broker/routing',
  'broker/session',
  'broker/stomp',
  'broker/transport',
];

interface Rule {
  readonly folder: string;
  readonly may: readonly string[];
  readonly types?: readonly string[];
  readonly libraries?: readonly string[];
}

const RULES: readonly Rule[] = [
  { folder: 'shared', may: [], libraries: ['valibot'] },
  { folder: 'broker/limits', may: [] },
  { folder: 'broker/stomp', may: ['shared'] },
  { folder: 'broker/transport', may: ['broker/limits', 'shared'], libraries: ['ws', 'sockjs'] },
  { folder: 'broker/engine', may: ['broker/limits', 'shared'], libraries: ['lmdb', 'msgpackr'] },
  {
    folder: 'broker/routing',
    may: ['broker/limits', 'broker/stomp', 'shared'],
    types: ['broker/engine/engine'],
  },
  {
    folder: 'broker/session',
    may: ['broker/limits', 'broker/stomp', 'broker/routing', 'shared'],
    types: ['broker/transport/transport', 'broker/engine/engine'],
  },
  { folder: 'broker/application', may: ['shared'], types: ['broker/engine/engine'] },
  {
    folder: 'broker/chat',
    may: ['broker/application', 'broker/limits', 'shared'],
    types: ['broker/engine/engine'],
  },
  {
    folder: 'broker/http',
    may: ['broker/chat', 'broker/limits', 'shared'],
    libraries: ['express', 'helmet'],
  },
  {
    folder: 'broker/testing',
    may: [
      'broker/broker',
      'broker/clock',
      'broker/config',
      'broker/publish',
      'broker/session',
      'broker/stomp',
      'broker/transport',
    ],
  },
  {
    folder: 'broker/assemble',
    may: ['broker/authentication', 'broker/config', 'broker/version', ...INNER, 'shared'],
  },
  {
    folder: 'broker/authentication',
    may: ['broker/application', 'broker/config', 'shared'],
    types: ['broker/routing', 'broker/session'],
  },
  {
    folder: 'broker/publish',
    may: ['broker/application', 'broker/routing', 'broker/engine/engine'],
  },
  {
    folder: 'broker/broker',
    may: ['broker/assemble', 'broker/config', 'broker/publish', ...INNER, 'shared'],
  },
  {
    folder: 'broker/server',
    may: ['broker/broker', 'broker/config', 'broker/http', 'broker/transport', 'shared'],
  },
  {
    folder: 'broker/index',
    may: [
      'broker/authentication',
      'broker/broker',
      'broker/config',
      'broker/publish',
      'broker/server',
      'broker/testing',
      ...INNER,
    ],
  },
  // Nothing of the broker is known to these, so that everybody may know them.
  ...['clock', 'log', 'maybe', 'packet', 'setting', 'version'].map((name) => {
    return { folder: `broker/${name}`, may: [] };
  }),
  { folder: 'broker/config', may: ['shared', 'broker/setting'] },
  { folder: 'broker/command-line', may: ['broker/config'] },
  { folder: 'broker/started-by', may: [] },
  {
    folder: 'broker/main',
    may: [
      'broker/config',
      'broker/command-line',
      'broker/server',
      'broker/started-by',
      'broker/version',
    ],
    libraries: ['pino'],
  },
  {
    folder: 'web',
    may: ['shared'],
    libraries: ['preact', '@preact/signals', '@stomp/stompjs', 'sockjs-client', 'valibot', 'vite'],
  },
];

interface Import {
  readonly from: string;
  readonly target: string;
  readonly isType: boolean;
}

describe.each(RULES)('$folder', (rule) => {
  test('imports only what it may', () => {
    const wrong = importsBelow(rule.folder).filter((one) => !isAllowed(one, rule));

    expect(wrong).toEqual([]);
  });
});

test('only main.ts reads the environment', () => {
  const readers = filesOf('broker').filter((file) =>
    /process\.env\b/.test(readFileSync(file, 'utf8')),
  );

  expect(readers).toEqual(['broker/main.ts']);
});

test('shared uses neither Node nor a browser', () => {
  const targets = importsBelow('shared').map(({ target }) => target);

  expect(targets.filter((target) => target.startsWith('node:'))).toEqual([]);
});

test('the rules cover every file of the broker', () => {
  const uncovered = filesOf('broker').filter((file) => {
    return !RULES.some(({ folder }) => file === `${folder}.ts` || file.startsWith(`${folder}/`));
  });

  expect(uncovered).toEqual([]);
});

function isAllowed(
  { target, isType }: Import,
  { folder, may, types = [], libraries = [] }: Rule,
): boolean {
  const isBelow = (place: string) => target === `${place}.ts` || target.startsWith(`${place}/`);
  if (isBelow(folder) || may.some(isBelow) || target.startsWith('node:')) return true;
  if (folder !== 'shared' && HANDED_ON.some(isBelow)) return true;
  if (isType && [...types, ...PASSED_IN].some(isBelow)) return true;
  return libraries.some((library) => target === library || target.startsWith(`${library}/`));
}

function importsBelow(folder: string): Import[] {
  return filesOf(folder).flatMap(importsOf);
}

function filesOf(folder: string): string[] {
  const files = readdirSync(folder.startsWith('broker/') ? 'broker' : folder, {
    recursive: true,
    encoding: 'utf8',
  });
  const root = folder.startsWith('broker/') ? 'broker' : folder;
  return files
    .map((file) => join(root, file))
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
    .filter((file) => file === `${folder}.ts` || file.startsWith(`${folder}/`))
    .sort();
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?'([^']+)'/gm;

function importsOf(file: string): Import[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(
    ([, type, names = '', target = '']) => {
      const inner = /^\{([^}]*)\}$/s.exec(names.trim())?.[1];
      const allTypes = inner
        ?.split(',')
        .filter((name) => name.trim() !== '')
        .every((name) => /^\s*type\s/.test(name));
      return {
        from: file,
        target: target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
        isType: type !== undefined || allTypes === true,
      };
    },
  );
}
