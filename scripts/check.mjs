// `npm run check`: types, lint and format, then the quick tests with the architecture among them.

import { bin, ensureInstalled, run } from './setup.mjs';

ensureInstalled();
for (const project of ['.', 'shared', 'web', '__tests__']) run(bin('tsc'), ['-p', project]);
run(bin('biome'), ['check', '--colors=off', '--error-on-warnings', '.']);
run(bin('oxlint'), [
  '--type-aware',
  '--config',
  'oxlint.json',
  'broker',
  'shared',
  'web',
  '__tests__',
]);
if (!process.argv.includes('--static')) run(process.execPath, ['scripts/test.mjs', '--quick']);
