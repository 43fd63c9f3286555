// What a run leaves: results.md with all that is needed to judge its figures, and the chart.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartOf } from './chart.mjs';
import { optionsAsText } from './options.mjs';
import { asMarkdown } from './tables.mjs';

export function writeResults(folder, { at, machine, options, remarks, run, tables }) {
  mkdirSync(folder, { recursive: true });
  const about = [['date', at.toISOString()], ...machine, ['options', optionsAsText(options)]];
  const text = [
    '# Results',
    '',
    'Written by `npm run bench`; `README.md` says what is measured, and how.',
    '',
    '| | |',
    '|---|---|',
    ...about.map(([name, value]) => `| ${name} | ${value} |`),
    ...remarks.map((remark) => `\n${remark}`),
    '',
    tables.map(asMarkdown).join('\n\n'),
    '',
  ].join('\n');
  writeFileSync(join(folder, 'results.md'), text);
  writeFileSync(join(folder, 'chart.svg'), chartOf(run, options.sizes));
}
