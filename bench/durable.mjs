// What a disk costs: SENDs with a RECEIPT into rooms, with so many outstanding, and the time from a
// SEND to its delivery; with the embedded engine and with the one in memory, in one run.
//
//   node bench/durable.mjs [--seconds 5] [--rooms 100]

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled, root } from '../scripts/setup.mjs';
import { NO_RATES } from './servers.mjs';

const ENGINES = ['embedded', 'memory'];
const OUTSTANDING = [1, 32, 1_024];
const WARM_UP_MS = 1_000;

/** STOMP over TCP, as little of it as is needed. */
class Client {
  onFrame = () => undefined;
  #rest = '';
  #socket;

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text) => this.#read(text));
  }

  static async connect(port) {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    const client = new Client(socket);
    const connected = new Promise((resolve) => {
      client.onFrame = resolve;
    });
    socket.write('CONNECT\naccept-version:1.2\nhost:bench\n\n\0');
    await connected;
    client.onFrame = () => undefined;
    return client;
  }

  subscribe(destination) {
    this.#socket.write(`SUBSCRIBE\nid:0\ndestination:${destination}\n\n\0`);
  }

  send(room, id) {
    const talk = { type: 'TALK', roomId: room, sender: 'bench', message: 'x'.repeat(100), id };
    const head = `SEND\ndestination:/app/chat/message\nreceipt:${id}\n\n`;
    this.#socket.write(`${head}${JSON.stringify(talk)}\0`);
  }

  end() {
    this.#socket.destroy();
  }

  #read(text) {
    const frames = (this.#rest + text).split('\0');
    this.#rest = frames.pop() ?? '';
    for (const frame of frames) this.onFrame(frame);
  }
}

const { values } = parseArgs({
  options: {
    rooms: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '5' },
  },
});
const rooms = Number(values.rooms);
const runMs = Number(values.seconds) * 1_000;

ensureInstalled();
ensureBuilt();
const rows = [];
for (const outstanding of OUTSTANDING) {
  for (const engine of ENGINES) rows.push(await measure(engine, outstanding));
}
console.table(rows);

async function measure(engine, outstanding) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const server = await startServer(engine, folder);
  try {
    const client = await Client.connect(server.tcpPort);
    const listener = await Client.connect(server.tcpPort);
    listener.subscribe('/topic/chat/room/0');
    const sent = new Map();
    const latencies = [];
    let receipts = 0;
    let number = 0;
    const say = () => {
      number += 1;
      const room = number % rooms;
      const id = `m${number}`;
      if (room === 0) sent.set(id, performance.now());
      client.send(room, id);
    };
    client.onFrame = () => {
      receipts += 1;
      say();
    };
    listener.onFrame = (frame) => {
      const id = /"id":"(m\d+)"/.exec(frame)?.[1];
      const at = sent.get(id);
      if (at === undefined) return;
      sent.delete(id);
      latencies.push(performance.now() - at);
    };
    for (let at = 0; at < outstanding; at += 1) say();
    await sleep(WARM_UP_MS);
    receipts = 0;
    latencies.length = 0;
    const begun = performance.now();
    await sleep(runMs);
    const seconds = (performance.now() - begun) / 1_000;
    latencies.sort((one, other) => one - other);
    const at = (share) => Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(2));
    client.end();
    listener.end();
    return {
      engine,
      outstanding,
      'receipts/s': Math.round(receipts / seconds),
      'delivery p50 ms': at(0.5),
      'delivery p99 ms': at(0.99),
    };
  } finally {
    server.child.kill('SIGTERM');
    await once(server.child, 'close');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startServer(engine, folder) {
  const rates = NO_RATES.flat().map(String);
  const args = ['--port', '0', '--tcp-port', '0', '--log-level', 'error', ...rates];
  const main = join(root, 'dist/broker/main.js');
  const child = spawn(process.execPath, [main, ...args, '--engine', engine, '--data-dir', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of child.stdout) {
    const port = /TCP on port (\d+)/.exec(String(chunk))?.[1];
    if (port !== undefined) return { child, tcpPort: Number(port) };
  }
  throw new Error('the server did not start');
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
