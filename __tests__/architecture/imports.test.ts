import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { filesOf, type Import, importsBelow } from './source-imports.ts';

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
    // Neither versions nor escapes of STOMP: the bytes of a delivery are the subscriber's format.
    may: [
      'broker/limits',
      'broker/stomp/errors',
      'broker/stomp/frame',
      'broker/stomp/header-names',
      'shared',
    ],
    types: ['broker/application', 'broker/engine/engine'],
  },
  {
    folder: 'broker/session',
    may: ['broker/limits', 'broker/stomp', 'broker/routing', 'shared'],
    types: ['broker/application', 'broker/engine/engine', 'broker/transport/transport'],
  },
  { folder: 'broker/application', may: ['shared'], types: ['broker/engine/engine'] },
  {
    folder: 'broker/chat',
    may: [
      'broker/application',
      'broker/limits',
      'broker/routing/plan-execution',
      'broker/routing/plans',
      'shared',
    ],
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
