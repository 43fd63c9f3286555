import { closeSync, openSync } from 'node:fs';
import type { ThrottledLog } from '../limits/throttled-log.ts';

const NONE_LEFT: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE']);

/**
 * The error of opening a file when the process, or the system, has no descriptor left. A server
 * cannot learn this from its connections: libuv silently closes those that it cannot accept.
 */
export function descriptorShortage(): Error | null {
  try {
    closeSync(openSync('/', 'r'));
    return null;
  } catch (error) {
    return error instanceof Error && NONE_LEFT.has(codeOf(error)) ? error : null;
  }
}

/**
 * Logs why connections could not be accepted. Other errors, such as those of `listen`, are ignored.
 */
export function warnOfAccept(error: Error, warnings: Pick<ThrottledLog<'accept'>, 'warn'>): void {
  const code = codeOf(error);
  const isOfAccept = 'syscall' in error && error.syscall === 'accept';
  if (!isOfAccept && !NONE_LEFT.has(code)) return;
  const cure = NONE_LEFT.has(code) ? '; allow the process more open files (ulimit -n)' : '';
  warnings.warn('accept', { code }, `connections cannot be accepted${cure}`);
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined;
}
