// What the figures are held against. A ratio is one of figures of the same run, and of several
// runs the median: the machine is faster in one minute than in the next.

import { median } from './medians.mjs';

const LEAST = 'at least';
const MOST = 'at most';

/** `of` gives the value from a run, in which `at(scenario, row)` is a row. */
export const TARGETS = [
  {
    text: '(a) deliveries per CPU second, × Socket.IO',
    bound: [LEAST, 12],
    of: (at) => perCpu(at, 'a', 'ours') / perCpu(at, 'a', 'socket.io'),
  },
  {
    text: '(a) the same, of the limit in C with joined writes',
    bound: [LEAST, 0.6],
    of: (at) => perCpu(at, 'a', 'ours') / perCpu(at, 'a', 'limit'),
  },
  {
    text: '(a) over SockJS, of ours over plain WebSocket',
    bound: [LEAST, 0.6],
    of: (at) => perCpu(at, 'a', 'ours-sockjs') / perCpu(at, 'a', 'ours'),
  },
  {
    text: '(b) deliveries per CPU second, × Socket.IO',
    bound: [LEAST, 2.5],
    of: (at) => perCpu(at, 'b', 'ours') / perCpu(at, 'b', 'socket.io'),
  },
  {
    text: '(b) with the memory engine, × Socket.IO',
    bound: [LEAST, 3],
    of: (at) => perCpu(at, 'b', 'ours-memory') / perCpu(at, 'b', 'socket.io'),
  },
  {
    text: '(c) p99, of that of Socket.IO',
    bound: [MOST, 1],
    of: (at) => at('c', 'ours').p99 / at('c', 'socket.io').p99,
  },
  {
    text: '(c) p99, of that of plain ws and the p99 of a lone commit together',
    bound: [MOST, 1],
    of: (at) => at('c', 'ours').p99 / (at('c', 'ws').p99 + at('commit', 'ours').p99),
  },
  {
    text: '(d) KiB of server memory per idle connection',
    bound: [MOST, 10],
    of: (at) => at('d', 'ours').kibPerConnection,
  },
  {
    text: '(d) connections back per second',
    bound: [LEAST, 5_000],
    of: (at) => at('d', 'ours').backPerS,
  },
  {
    text: '(e) deliveries per second, of (a)',
    bound: [LEAST, 0.8],
    of: (at) => at('e', 'ours').deliveriesPerS / at('a', 'ours').deliveriesPerS,
  },
  {
    text: '(f) durable receipts per second',
    bound: [LEAST, 30_000],
    of: (at) => at('f', 'ours').receiptsPerS,
  },
  {
    text: '(g) p99 of (c) beside the readers, of its own',
    bound: [MOST, 2],
    of: (at) => at('g', 'ours').p99 / at('g', 'ours').p99Alone,
  },
];

function perCpu(at, scenario, name) {
  return at(scenario, name).deliveriesPerCpuSecond;
}

/** Each with its value, and whether it was reached; both null where something was not measured. */
export function judge(runs) {
  return TARGETS.map(({ bound: [direction, wanted], of, text }) => {
    const values = runs
      .map((run) => of((id, name) => run.get(id)?.get(name) ?? {}))
      .filter(Number.isFinite);
    if (values.length < runs.length)
      return { text, direction, wanted, value: null, isReached: null };
    const value = median(values);
    const isReached = direction === LEAST ? value >= wanted : value <= wanted;
    return { text, direction, wanted, value, isReached };
  });
}
