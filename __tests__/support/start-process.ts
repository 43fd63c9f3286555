import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, watch } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach } from '@jest/globals';
import { emptyFolder } from './empty-folder.ts';

const running = new Set<ChildProcess>();

afterEach(async () => {
  await Promise.all([...running].map((child) => end(child, 'SIGKILL')));
});

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  /** What it keeps in memory besides its files, in bytes. */
  memory(): number;
  readonly port: number;
  readonly url: string;
  /** Everything it wrote so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  /** Waits until its standard output matches. */
  printed(what: RegExp): Promise<string>;
  stop(signal: NodeJS.Signals): Promise<Ended>;
}

/** Runs the built server to its end. */
export async function runProcess(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  return ended(launchServer('dist/broker/main.js', args, env));
}

/** Runs a script to its end. */
export async function runScript(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ended & { readonly stdout: string; readonly stderr: string }> {
  return ended(launch(args, env));
}

/** Starts the built server, and waits until it says that it is ready. */
export function startProcess(...args: string[]): Promise<ServerProcess> {
  return startScript('dist/broker/main.js', ...args);
}

/** As `startProcess`, on a disk that takes no file above so many KiB. */
export async function startOnSmallDisk(kib: number, ...args: string[]): Promise<ServerProcess> {
  const run = `ulimit -f ${kib * 2}; exec "$0" "$@"`;
  const command = ['-c', run, process.execPath, resolve('dist/broker/main.js'), ...args];
  const launched = launch(command, {}, emptyFolder(), 'sh');
  return serverOf(launched, await said(launched, /ready on (\S+)/));
}

/** As `startProcess`, with so many files and sockets at most that may be open at once. */
export async function startWithFewFiles(files: number, ...args: string[]): Promise<ServerProcess> {
  const run = `ulimit -n ${files}; exec "$0" "$@"`;
  const command = ['-c', run, process.execPath, resolve('dist/broker/main.js'), ...args];
  const launched = launch(command, {}, emptyFolder(), 'sh');
  return serverOf(launched, await said(launched, /ready on (\S+)/));
}

/** Starts a script that says `ready on <url>` when it is. */
export async function startScript(script: string, ...args: string[]): Promise<ServerProcess> {
  const launched = launchServer(script, args, {});
  return serverOf(launched, await said(launched, /ready on (\S+)/));
}

/** Starts a command of `folder` that brings about a server; stopping it signals the command only. */
export async function startCommand(
  folder: string,
  program: string,
  ...args: string[]
): Promise<ServerProcess> {
  const launched = launch(args, {}, folder, program);
  return serverOf(launched, await said(launched, /ready on (\S+)/));
}

/** Starts a script that listens on `PORT`, and prints the address that its server has. */
export async function startListening(script: string): Promise<ServerProcess> {
  const launched = launchServer(script, [], { PORT: '0' });
  return serverOf(launched, `http://127.0.0.1:${await said(launched, /port: (\d+)/)}`);
}

/**
 * Starts the built server on a folder, and kills it at the so many-th change there. True if it was
 * killed before it said that it is ready.
 */
export async function killAtChange(folder: string, count: number): Promise<boolean> {
  let changes = 0;
  const args = ['--port', '0', '--log-level', 'silent', '--data-dir', folder];
  const launched = launchServer('dist/broker/main.js', args, {});
  const watcher = watch(folder, () => {
    changes += 1;
    if (changes === count) launched.child.kill('SIGKILL');
  });
  const isReady = await said(launched, /ready on (\S+)/).then(
    () => true,
    () => false,
  );
  watcher.close();
  await end(launched.child, 'SIGKILL');
  return !isReady;
}

type Launched = ReturnType<typeof launch>;

function serverOf({ child, output }: Launched, url: string): ServerProcess {
  const { pid = 0 } = child;
  const stop = (signal: NodeJS.Signals) => end(child, signal);
  const printed = (what: RegExp) => said({ child, output }, what);
  const { port } = new URL(url);
  return { memory: () => memoryOf(pid), port: Number(port), url, output, printed, stop };
}

function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) * 1_024;
}

/** The first group of what the process prints, as soon as that matches. */
function said({ child, output }: Launched, what: RegExp): Promise<string> {
  return new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = what.exec(output().stdout)?.[1];
      if (found !== undefined) resolve(found);
    };
    look();
    child.stdout.on('data', look);
    child.once('close', () => reject(new Error(`it did not start: ${output().stderr}`)));
  });
}

async function ended({ child, output }: Launched) {
  const [code, signal] = await once(child, 'close');
  return { code, signal, ...output() };
}

/** In a folder of its own, so that each has its own `./data`. */
function launchServer(script: string, args: readonly string[], env: Record<string, string>) {
  return launch([resolve(script), ...args], env, emptyFolder());
}

function launch(
  args: readonly string[],
  env: Record<string, string>,
  cwd = '.',
  program = process.execPath,
) {
  const { PATH = '' } = process.env;
  const child = spawn(program, args, { cwd, env: { PATH, ...env } });
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
