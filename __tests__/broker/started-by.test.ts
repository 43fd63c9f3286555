import { expect, test } from '@jest/globals';
import { commandOf } from '../../broker/started-by.ts';

test.each([
  ['npm start --', '/ground/scripts/start.mjs', 'start'],
  ['node scripts/start.mjs', '/ground/scripts/start.mjs', undefined],
  ['npx stomping-ground', '/ground/node_modules/.bin/stomping-ground', 'npx'],
  ['stomping-ground', '/ground/node_modules/.bin/stomping-ground', 'serve'],
  ['stomping-ground', '/usr/local/bin/stomping-ground', undefined],
  ['node dist/broker/main.js', '/ground/dist/broker/main.js', undefined],
])('%s is the command of %s in the npm event %s', (command, script, event) => {
  const env = event === undefined ? {} : { npm_lifecycle_event: event };

  expect(commandOf(script, env, '/ground')).toBe(command);
});
