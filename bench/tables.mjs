// The figures as tables of text: which columns a scenario has, and how a number is written.

import { GROWTH, SCENARIOS } from './scenarios.mjs';
import { SERVERS } from './servers.mjs';

const NOTHING = '–';

const whole = (value) => Math.round(value).toLocaleString('en-US');
const fixed = (digits) => (value) => value.toFixed(digits);
const percent = (value) => `${Math.round(value * 100)} %`;
/** Three digits that mean something, whatever the size. */
const short = (value) => (value >= 100 ? whole(value) : value.toPrecision(3));

const column = (title, key, write) => ({ title, key, write });

const CPU = column('CPU µs/delivery', 'cpuUs', short);
const LATENCY = [
  column('p50 ms', 'p50', fixed(1)),
  column('p99 ms', 'p99', fixed(1)),
  column('p99.9 ms', 'p999', fixed(1)),
];
const USE = [
  column('memory MiB', 'rssMib', whole),
  column('server CPU', 'serverCpu', percent),
  column('load CPU', 'loadCpu', percent),
  column('others', 'othersCpu', percent),
];
const FAN_OUT = [
  column('deliveries/s', 'deliveriesPerS', whole),
  column('deliveries/CPU s', 'deliveriesPerCpuSecond', whole),
  CPU,
  ...LATENCY,
  ...USE,
  column('bytes', 'bytesPerDelivery', fixed(0)),
  column('came', 'ratio', fixed(3)),
];

const COLUMNS = {
  a: FAN_OUT,
  b: FAN_OUT,
  c: FAN_OUT,
  d: [
    column('connections', 'connections', whole),
    column('KiB/connection', 'kibPerConnection', fixed(1)),
    column('memory MiB', 'rssMib', whole),
    column('back/s', 'backPerS', whole),
    column('CPU µs/connection', 'cpuUs', short),
    ...LATENCY,
    ...USE.slice(1),
  ],
  e: FAN_OUT,
  f: [
    column('receipts/s', 'receiptsPerS', whole),
    column('CPU µs/receipt', 'cpuUs', short),
    ...LATENCY,
    ...USE,
    column('kept in a room', 'kept', whole),
  ],
  g: [
    column('deliveries/s', 'deliveriesPerS', whole),
    column('read/s', 'readPerS', whole),
    column('read', 'readMessages', whole),
    column('all had theirs s', 'allReadS', fixed(1)),
    CPU,
    column('alone p50 ms', 'p50Alone', fixed(1)),
    column('alone p99 ms', 'p99Alone', fixed(1)),
    column('alone p99.9 ms', 'p999Alone', fixed(1)),
    ...LATENCY,
    ...USE,
  ],
  growth: [
    column('connections', 'connections', whole),
    column('deliveries/s', 'deliveriesPerS', whole),
    CPU,
    column('KiB/connection', 'kibPerConnection', fixed(1)),
    column('memory MiB', 'rssMib', whole),
    column('load CPU', 'loadCpu', percent),
    column('others', 'othersCpu', percent),
    column('came', 'ratio', fixed(3)),
  ],
  commit: LATENCY,
};

/** The tables of a run, in the order in which they were measured: a title, heads and cells. */
export function tablesOf(run, { notes, sizes }) {
  return [...run].map(([id, rows]) => ({
    title: titleOfTable(id, sizes),
    heads: ['', ...COLUMNS[id].map(({ title }) => title)],
    cells: [...rows].map(([name, row]) => cellsOf(id, name, row)),
    notes: [...(notes[id] ?? []), ...[...rows].flatMap(([name, row]) => remarksOn(name, row))],
  }));
}

export function titleOfTable(id, sizes) {
  if (id === 'growth') return GROWTH.title();
  if (id === 'commit') return `A commit that is alone, ${sizes.c.rate} of them a second`;
  return `(${id}) ${SCENARIOS[id].title(sizes)}`;
}

function cellsOf(id, name, row) {
  const isBroken = (row.problems ?? []).length > 0 && row.serverCpu === undefined;
  if (row.missing !== undefined || isBroken) {
    const why = row.missing === undefined ? 'failed' : 'missing';
    return [titleOf(name), why, ...COLUMNS[id].slice(1).map(() => '')];
  }
  const mark = (row.problems ?? []).length > 0 ? ' (!)' : '';
  const cells = COLUMNS[id].map(({ key, write }) =>
    Number.isFinite(row[key]) ? write(row[key]) : NOTHING,
  );
  return [`${titleOf(name)}${mark}`, ...cells];
}

function titleOf(name) {
  return SERVERS[name]?.title ?? name;
}

function remarksOn(name, row) {
  const remarks = [...(row.problems ?? []).map((text) => `(!) ${text}`), ...(row.notes ?? [])];
  if (row.missing !== undefined) remarks.push(`${row.missing}`);
  return remarks.map((text) => `${titleOf(name)}: ${text}`);
}

export function targetsTable(judged) {
  const cells = judged.map(({ direction, isReached, text, value, wanted }) => [
    text,
    `${direction} ${short(wanted)}`,
    value === null ? NOTHING : short(value),
    isReached === null ? 'not measured' : isReached ? 'reached' : 'not reached',
  ]);
  return { title: 'Targets', heads: ['', 'wanted', 'measured', ''], cells, notes: [] };
}

/** For a terminal: the first column to the left, figures to the right. */
export function asText({ cells, heads, notes, title }) {
  const widths = heads.map((head, at) =>
    Math.max(head.length, ...cells.map((row) => row[at].length)),
  );
  const line = (row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at])))
      .join('  ')
      .trimEnd();
  return [title, line(heads), ...cells.map(line), ...notes.map((note) => `  ${note}`)].join('\n');
}

export function asMarkdown({ cells, heads, notes, title }) {
  const line = (row) => `| ${row.join(' | ')} |`;
  const rule = `|${heads.map((_head, at) => (at === 0 ? '---' : '--:')).join('|')}|`;
  const below = notes.length === 0 ? [] : ['', ...notes.map(listItem)];
  return [`## ${title}`, '', line(heads), rule, ...cells.map(line), ...below].join('\n');
}

const PROSE_COLUMNS = 100;

/** A list item of Markdown that wraps as all documents do. */
function listItem(text) {
  const lines = ['-'];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= PROSE_COLUMNS) lines[lines.length - 1] = line;
    else lines.push(`  ${word}`);
  }
  return lines.join('\n');
}
