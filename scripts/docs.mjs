// `npm run docs`: writes the README's table of settings from the code.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

ensureInstalled();
ensureBuilt();
const { settingsTable } = await import('../dist/broker/command-line.js');
const file = join(root, 'README.md');
const readme = readFileSync(file, 'utf8');
const table = `<!-- settings -->\n${settingsTable()}<!-- /settings -->`;
writeFileSync(
  file,
  readme.replace(/<!-- settings -->[\s\S]*<!-- \/settings -->/, () => table),
);
