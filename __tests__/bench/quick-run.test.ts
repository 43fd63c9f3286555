import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { emptyFolder } from '../support/empty-folder.ts';
import { runScript } from '../support/start-process.ts';

const SERVERS = 'ours,socket.io,ws,limit';
/** Some twenty seconds on two cores, compiling included. */
const RUN_MS = 240_000;

interface Row {
  readonly name: string;
  /** By the head of its column. */
  readonly figures: ReadonlyMap<string, number>;
}

let results = '';
let chart = '';
let ended: Awaited<ReturnType<typeof runScript>>;

beforeAll(async () => {
  const folder = emptyFolder();
  ended = await runScript(['bench/run.mjs', '--quick', '--servers', SERVERS, '--out', folder]);
  if (ended.code !== 0) return;
  results = readFileSync(join(folder, 'results.md'), 'utf8');
  chart = readFileSync(join(folder, 'chart.svg'), 'utf8');
}, RUN_MS);

/** The rows of the table below the heading that begins so. */
function tableOf(heading: string): Row[] {
  const section = results.split('\n## ').find((text) => text.startsWith(heading)) ?? '';
  const [heads = [], , ...rows] = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1).map(trimmed));
  return rows.map(([name = '', ...cells]) => ({
    name,
    figures: new Map(cells.map((cell, at) => [heads[at + 1] ?? '', numberIn(cell)])),
  }));
}

function trimmed(text: string): string {
  return text.trim();
}

function numberIn(cell: string): number {
  return Number(cell.replace(/,|%/g, ''));
}

describe('a quick run of the bench', () => {
  test('ends well, and says what it measures', () => {
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.stdout).toContain('(a) One room of 20');
  });

  test.each([
    ['(a)', 'deliveries/s', ['ours', 'Socket.IO', 'plain ws', 'limit in C, joined writes']],
    ['(b)', 'deliveries/s', ['ours', 'Socket.IO', 'plain ws', 'limit in C, joined writes']],
    ['(c)', 'deliveries/s', ['ours', 'Socket.IO', 'plain ws', 'limit in C, joined writes']],
    ['(d)', 'back/s', ['ours', 'Socket.IO', 'plain ws']],
    ['(e)', 'deliveries/s', ['ours', 'limit in C, joined writes']],
    ['(f)', 'receipts/s', ['ours']],
    ['(g)', 'read/s', ['ours']],
    ['Cost with growth', 'deliveries/s', [expect.any(String), expect.any(String)]],
  ])('has for %s a row of %s for each server', (heading, column, names) => {
    const rows = tableOf(heading);

    expect(rows.map(({ name }) => name)).toEqual(names);
    for (const { figures } of rows) expect(figures.get(column)).toBeGreaterThan(0);
  });

  test('delivers to everyone what was said', () => {
    for (const heading of ['(a)', '(b)', '(c)', '(e)', 'Cost with growth'])
      for (const { figures } of tableOf(heading)) expect(figures.get('came')).toBe(1);
  });

  test('writes as many bytes for a message in C as ours does', () => {
    const [ours, , , limit] = tableOf('(a)');

    const difference = (limit?.figures.get('bytes') ?? 0) - (ours?.figures.get('bytes') ?? 0);
    // A position has up to four digits here, and stands in a message twice.
    expect(Math.abs(difference)).toBeLessThanOrEqual(8);
  });

  test('holds the figures against what is to be reached', () => {
    const targets = results.split('\n## Targets')[1] ?? '';

    expect(targets.match(/reached/g)).toHaveLength(10);
    expect(targets.match(/not measured/g)).toHaveLength(2);
  });

  test('names the machine, the versions and the commit', () => {
    expect(results).toMatch(/^\| latency of memory \| \d+ ns, /m);
    for (const name of ['processor', 'memory', 'kernel', 'Node', 'packages', 'compiler', 'commit'])
      expect(results).toMatch(new RegExp(`^\\| ${name} \\| .+ \\|$`, 'm'));
  });

  test('draws a bar for each server in (a) and (b), with a title and a description', () => {
    expect(chart).toMatch(/^<svg [^>]*viewBox="0 0 \d+ \d+"[\s\S]*<\/svg>\n$/);
    expect(chart).toMatch(/<title id="title">.+<\/title>\n {2}<desc id="desc">.+<\/desc>/);
    expect(chart.match(/<rect class="(ours|peer|limit)"/g)).toHaveLength(8);
    expect(chart).not.toMatch(/NaN|undefined/);
    const opened = chart.match(/<[a-z]+/g)?.length;
    const closed = chart.match(/<\/[a-z]+>|\/>/g)?.length;
    expect(closed).toBe(opened);
  });
});
