// The processes of `client-suites.mjs`: each leads a group of its own, so that ending it ends
// what it started.

import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';

const running = new Set();

/** Starts a program; what it prints on standard output is left to the caller. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    detached: true,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends a process and all that it started; does nothing if they have ended. */
export function end(child, signal = 'SIGKILL') {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

export function endAll() {
  for (const child of running) end(child);
}

/**
 * Runs a program to its end, its output into a file, and resolves to its exit code: null if it
 * was ended after `timeoutMs`. Rejects if there is no such program.
 */
export function runLogged(program, args, { log, timeoutMs, ...options }) {
  return new Promise((resolve, reject) => {
    const child = start(program, args, options);
    const file = createWriteStream(log, { flags: 'a' });
    child.stdout.pipe(file, { end: false });
    child.stderr.pipe(file, { end: false });
    const timer = setTimeout(() => end(child), timeoutMs);
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`${program} cannot be run: ${cause.message}`, { cause }));
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      file.end(() => resolve(code));
    });
  });
}

/** The end of a log: where a program says why it gave up. */
export function lastLines(log, count = 8) {
  return readFileSync(log, 'utf8').trim().split('\n').slice(-count).join('\n');
}
