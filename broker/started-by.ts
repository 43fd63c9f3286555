// The command that started the process, and the parent whose end stops a server under npm.

import { basename, relative } from 'node:path';

/** Interval at which the parent is checked; an orphaned server stops within it. */
const PARENT_CHECK_MS = 200;

/** The command that started `script`, as a user of the folder `cwd` would type it again. */
export function commandOf(script: string, env: NodeJS.ProcessEnv, cwd: string): string {
  const event = env.npm_lifecycle_event;
  if (basename(script) === 'start.mjs' && event === 'start') return 'npm start --';
  if (basename(script) === 'stomping-ground') {
    return event === 'npx' ? 'npx stomping-ground' : 'stomping-ground';
  }
  return `node ${relative(cwd, script)}`;
}

/**
 * Calls `onOrphaned` once when the parent of this process ends, if npm or npx started it. npm sends
 * SIGTERM to the shell between it and the server, and the shell dies without passing it on, so the
 * loss of the parent is the only sign of that signal.
 */
export function watchNpm(env: NodeJS.ProcessEnv, onOrphaned: () => void): void {
  if (env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onOrphaned();
  }, PARENT_CHECK_MS);
  timer.unref();
}
