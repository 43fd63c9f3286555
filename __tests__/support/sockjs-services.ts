import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll } from '@jest/globals';
import { WebSocket } from 'ws';
import { type Answer, type Asking, ask } from '../broker/transport/raw-http.ts';

let services: ChildProcess | null = null;
let url = '';
let sessions = 0;

/** Runs the built services for all tests of a file: each has sessions of its own in them. */
export function useServices(): void {
  beforeAll(async () => {
    const child = spawn(process.execPath, ['scripts/sockjs-services.mjs', '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    services = child;
    for await (const line of createInterface({ input: child.stdout })) {
      url = / ready on (\S+)$/.exec(line)?.[1] ?? '';
      if (url !== '') return;
    }
    throw new Error('the services did not start');
  });
  afterAll(async () => {
    if (services === null || services.exitCode !== null) return;
    const ended = once(services, 'exit');
    services.kill();
    await ended;
  });
}

export function urlOf(service: string): string {
  return url + service;
}

/** A session that nobody has opened yet. */
export function sessionOf(service: string): string {
  sessions += 1;
  return `${url}${service}/000/session${sessions}`;
}

/** One request for what there is. */
export function poll(session: string, asking: Asking = {}): Promise<Answer> {
  return ask(`${session}/xhr`, { method: 'POST', ...asking });
}

/** Reads a stream until what came ends so; it stays open. */
export async function readUntil(stream: IncomingMessage, end: string): Promise<string> {
  let text = '';
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.endsWith(end)) return text;
  }
  throw new Error(`it ended before ${JSON.stringify(end)}: ${text}`);
}

/** Reads whatever comes until the server ends the stream. */
export async function readToEnd(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

export interface Talk {
  readonly heard: readonly string[];
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>;
  readonly webSocket: WebSocket;
}

/** Opens a WebSocket. */
export async function talk(at: string): Promise<Talk> {
  const webSocket = new WebSocket(at.replace('http', 'ws'));
  const heard: string[] = [];
  webSocket.on('message', (data: Buffer) => heard.push(data.toString()));
  const ended = once(webSocket, 'close').then(([code, reason]) => ({ code, reason: `${reason}` }));
  await once(webSocket, 'open');
  return { heard, ended, webSocket };
}
