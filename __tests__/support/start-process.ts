import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach } from '@jest/globals';

const running = new Set<ChildProcess>();

afterEach(async () => {
  await Promise.all([...running].map((child) => end(child, 'SIGKILL')));
});

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  readonly port: number;
  readonly url: string;
  /** Everything it wrote so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  stop(signal: NodeJS.Signals): Promise<Ended>;
}

/** Runs the built server to its end. */
export async function runProcess(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  return runScript(['dist/broker/main.js', ...args], env);
}

/** Runs a script to its end. */
export async function runScript(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  const { child, output } = launch(args, env);
  const [code, signal] = await once(child, 'close');
  return { code, signal, ...output() };
}

/** Starts the built server, and waits until it says that it is ready. */
export function startProcess(...args: string[]): Promise<ServerProcess> {
  return startScript('dist/broker/main.js', ...args);
}

/** Starts a script that says `ready on <url>` when it is. */
export async function startScript(script: string, ...args: string[]): Promise<ServerProcess> {
  const launched = launch([script, ...args], {});
  return serverOf(launched, await said(launched, /ready on (\S+)/));
}

/** Starts a script that listens on `PORT`, and prints the address that its server has. */
export async function startListening(script: string): Promise<ServerProcess> {
  const launched = launch([script], { PORT: '0' });
  return serverOf(launched, `http://127.0.0.1:${await said(launched, /port: (\d+)/)}`);
}

type Launched = ReturnType<typeof launch>;

function serverOf({ child, output }: Launched, url: string): ServerProcess {
  return { port: Number(new URL(url).port), url, output, stop: (signal) => end(child, signal) };
}

/** What the process says of itself, as soon as it does. */
function said({ child, output }: Launched, what: RegExp): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = what.exec(output().stdout)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('close', () => reject(new Error(`it did not start: ${output().stderr}`)));
  });
}

function launch(args: readonly string[], env: Record<string, string>) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, args, {
    env: { PATH, ...env },
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, output: () => ({ stdout, stderr }) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<Ended> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return { code: child.exitCode, signal: child.signalCode };
  }
  const closed = once(child, 'close');
  child.kill(signal);
  const [code, ended] = await closed;
  return { code, signal: ended };
}
