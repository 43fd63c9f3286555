// npm's `prepare`: builds after an installation in the project, which is how `npm install git+…`
// gets a built package out of a clone. It installs nothing, because npm runs it while it installs.

import { ensureBuilt, hasBuildTools, hasSources } from './setup.mjs';

if (hasSources() && hasBuildTools()) ensureBuilt();
else if (hasSources())
  console.error('not built: that takes the devDependencies, which are left out');
