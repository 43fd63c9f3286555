// Row 1e: patterns that cost much to look through and match nothing.

import { each, send, subscribe } from '../frames.mjs';

const SEGMENTS_MAX = 24;

/** Sessions hold as many patterns as each may have; others send to ever new names. */
function hold(patternOf, nameOf, { sessions = 100, each: perSession = 100 } = {}) {
  return async (context) => {
    const holders = await context.sessions(sessions, (at) => ({ from: `127.0.1.${at + 1}` }));
    await Promise.all(
      holders.map(async (line, number) => {
        for (let from = 0; from < perSession && line.closed === null; from += 50) {
          const chunk = each(50, (at) =>
            subscribe(patternOf(number * perSession + from + at), `${from + at}`),
          );
          if (!line.write(chunk)) await line.drained();
        }
        await line.receipted('SEND', { destination: '/topic/none' });
      }),
    );
    context.tally.add(
      'sessions with patterns',
      holders.filter(({ closed }) => closed === null).length,
    );
    await context.many(8, async (number) => {
      const sender = await context.session();
      if (sender === null) return;
      await context.pour(sender, (at) =>
        each(10, (more) => send(nameOf(number, at * 10 + more), 'x')),
      );
    });
  };
}

/** `**` and `*` in turns, and an end that is never there. */
function deepPattern(at) {
  const segments = Array.from({ length: SEGMENTS_MAX - 3 }, (_, index) =>
    (at >> (index % 13)) & 1 ? '**' : index % 2 === 0 ? '*' : 'a',
  );
  return `/topic/${segments.join('/')}/z${at}`;
}

function deepName(number, at) {
  const unique = `${number}-${at}`;
  return `/topic/${'a/'.repeat(SEGMENTS_MAX - 3)}${unique}`;
}

/** Numbers in base 2 as segments `a`, `*` and `**`: every branch of the tree is there. */
function fullTree(at) {
  const kinds = ['a', '*', '**'];
  const segments = Array.from({ length: 9 }, (_, index) => kinds[Math.floor(at / 3 ** index) % 3]);
  return `/topic/${segments.join('/')}/z`;
}

export const PATTERNS = [
  {
    name: '1e-10000-simple',
    row: '1e',
    says: '10,000 patterns `/topic/**/zN` of 100 sessions that match nothing; SENDs to ever new names',
    run: hold(
      (at) => `/topic/**/z${at}`,
      (number, at) => `/topic/a/b/c/d/${number}-${at}`,
    ),
  },
  {
    name: '1e-10-sessions',
    row: '1e',
    says: '10,000 such patterns of ten sessions, far more than each may have',
    run: hold(
      (at) => `/topic/**/z${at}`,
      (number, at) => `/topic/a/b/c/d/${number}-${at}`,
      { sessions: 10, each: 1_000 },
    ),
  },
  {
    name: '1e-10000-branches',
    row: '1e',
    says: '10,000 patterns that share few segments, `/topic/**/zN/**/y`; SENDs that fit their beginnings',
    run: hold(
      (at) => `/topic/*/**/z${at % 100}/**/y${at}`,
      (number, at) => `/topic/a/${each20(at)}/b${number}-${at}`,
    ),
  },
  {
    name: '1e-deep',
    row: '1e',
    says: '10,000 patterns of 24 segments with `*` and `**` in many places',
    run: hold(deepPattern, deepName),
  },
  {
    name: '1e-full-tree',
    row: '1e',
    says: '10,000 patterns whose segments are every mixture of a name, `*` and `**`',
    run: hold(fullTree, (number, at) => `/topic/${'a/'.repeat(20)}${number}-${at}`),
  },
  {
    name: '1e-from-many-addresses',
    row: '1e',
    says: '100 sessions from 100 addresses with 100 patterns each',
    run: async (context) => {
      const holders = await context.sessions(100, (at) => ({ from: `127.0.1.${at + 1}` }));
      await Promise.all(
        holders.map(async (line, number) => {
          line.write(each(100, (at) => subscribe(deepPattern(number * 100 + at), `${at}`)));
          await line.receipted('SEND', { destination: '/topic/none' });
        }),
      );
      await context.many(8, async (number) => {
        const sender = await context.session();
        if (sender === null) return;
        await context.pour(sender, (at) =>
          each(10, (more) => send(deepName(number, at * 10 + more))),
        );
      });
    },
  },
];

function each20(at) {
  return Array.from({ length: 10 }, (_, index) => `z${(at + index) % 100}`).join('/');
}
