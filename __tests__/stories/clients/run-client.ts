import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterEach } from '@jest/globals';

/** A client that has not ended by then waits in vain; a test may take longer than this. */
const DEADLINE_MS = 20_000;

const running = new Set<ChildProcess>();

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * Runs a program that is a client to its end, and gives what it saw: JSON, a line each. Rejects
 * with all that it wrote if it fails, or does not end in time.
 */
export async function runClient(program: string, ...args: string[]): Promise<unknown[]> {
  const child = spawn(program, args, {
    // stomp.py would ask a name server who this machine is.
    env: { ...process.env, LC_ALL: 'C.UTF-8', STOMP_SKIP_HOSTNAME_SCAN: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  running.add(child);
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ?? `${code}`));
  });
  const [end, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  running.delete(child);
  if (end !== '0')
    throw new Error(`${program} ${args.join(' ')} ended with ${end}: ${stdout}${stderr}`);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line): unknown => JSON.parse(line));
}
