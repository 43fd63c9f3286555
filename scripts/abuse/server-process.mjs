// The server under attack: a built checkout in a process of its own, with default settings, and the
// probe inside it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { end, removeFolder, SERVER_CORE, startNode, temporaryFolder } from './processes.mjs';

const PROBE = fileURLToPath(new URL('./probe.mjs', import.meta.url));
const START_MS = 20_000;
const STOP_MS = 10_000;
const SAMPLE_EVERY_MS = 100;
const OUTPUT_MAX = 64 * 1_024;
const KIB = 1_024;

/** The figures of a server that nobody attacks. */
const QUIET = { delayMs: 0, heapBytes: 0, ownDelayMs: 0, rssBytes: 0 };

export class ServerProcess {
  /** `null` while it lives. @type {string | null} */
  ended = null;
  /** Counts of the log's lines, by text. @type {Map<string, number>} */
  lines = new Map();
  logBytes = 0;
  #child;
  #folder = temporaryFolder();
  #output = '';
  #probed = QUIET;
  #rest = '';
  #rssMaxBytes = 0;
  #timer;

  /** @param {{ folder: string, heapMib: number | null, profileFolder: string | null, settings: readonly string[] }} options */
  constructor({ folder, heapMib, profileFolder, settings }) {
    const heap = heapMib === null ? [] : [`--max-old-space-size=${heapMib}`];
    const profile = profileFolder === null ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder];
    const main = join(folder, 'dist/broker/main.js');
    const own = ['--port', '0', '--tcp-port', '0', '--data-dir', this.#folder, ...settings];
    this.#child = startNode(SERVER_CORE, [...heap, ...profile, '--import', PROBE, main, ...own], {
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.on('message', (probed) => {
      this.#probed = probed;
    });
    this.#child.stdout.on('data', (text) => {
      this.#output = (this.#output + text).slice(-OUTPUT_MAX);
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => this.#readLog(text));
    this.#child.on('error', () => undefined);
    this.#child.on('close', (code, signal) => {
      this.ended = `${signal ?? code}`;
      clearInterval(this.#timer);
    });
    this.#timer = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
  }

  /** Last output before it ended that is not a line of the log. */
  get lastWords() {
    return this.#rest;
  }

  /** @returns {Promise<{ http: number, tcp: number }>} */
  async ready() {
    for (let left = START_MS; left > 0 && this.ended === null; left -= 20) {
      const [, http, tcp] =
        /ready on http:\/\/[^ ]*:(\d+), STOMP over TCP on port (\d+)\n/.exec(this.#output) ?? [];
      if (http !== undefined) return { http: Number(http), tcp: Number(tcp) };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.stop();
    throw new Error(`the server does not start: ${this.#rest || [...this.lines.keys()].join()}`);
  }

  /** Starts the measurement. */
  begin() {
    this.#rssMaxBytes = 0;
    this.#child.send('begin');
  }

  /** The measurements so far. */
  measured() {
    this.#sample();
    const { delayMs, heapBytes, ownDelayMs, rssBytes } = this.#probed;
    return { delayMs, heapBytes, ownDelayMs, rssBytes: Math.max(rssBytes, this.#rssMaxBytes) };
  }

  /** Resolves when it is gone, and its folder with it. */
  async stop() {
    await end(this.#child, STOP_MS);
    clearInterval(this.#timer);
    removeFolder(this.#folder);
  }

  /** From outside as well, as a server that stands still cannot tell. */
  #sample() {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * KIB;
      this.#rssMaxBytes = Math.max(this.#rssMaxBytes, rss);
    } catch {
      // The process has ended, or this is not Linux: only the probe's figure is left.
    }
  }

  #readLog(text) {
    this.logBytes += text.length;
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-OUTPUT_MAX);
    for (const line of lines) {
      const name = nameOf(line);
      this.lines.set(name, (this.lines.get(name) ?? 0) + 1);
    }
  }
}

/** `warn: slow consumer: session is shed`; what is no line of the log is named by its beginning. */
function nameOf(line) {
  if (!line.startsWith('{')) return line.slice(0, 80);
  try {
    const { level, msg } = JSON.parse(line);
    return `${level >= 50 ? 'error' : level >= 40 ? 'warn' : 'info'}: ${msg}`;
  } catch {
    return line.slice(0, 80);
  }
}
