// `npm run docs`: writes the table of settings in docs/settings.md from the code.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

ensureInstalled();
ensureBuilt();
const { settingsTable } = await import('../dist/broker/command-line.js');
const file = join(root, 'docs', 'settings.md');
const page = readFileSync(file, 'utf8');
const table = `<!-- settings -->\n${settingsTable()}<!-- /settings -->`;
writeFileSync(
  file,
  page.replace(/<!-- settings -->[\s\S]*<!-- \/settings -->/, () => table),
);
