// The broker in a process of its own: its log, its end, and the resources that it holds.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../setup.mjs';
import { SETTINGS } from './settings.mjs';

const START_MS = 20_000;
const STOP_MS = 10_000;
const PINO_ERROR = 50;
const PINO_WARN = 40;

export class BrokerProcess {
  /** Log lines that must not occur. @type {string[]} */
  problems = [];
  /** Counts of warnings, by text. @type {Record<string, number>} */
  warnings = {};
  /** `null` while it lives. @type {string | null} */
  ended = null;
  #child;
  #folder;
  #isStopping = false;
  #output = '';
  #rest = '';

  /** @param {string} engine rooms on disk are in a folder that goes with the process */
  constructor(engine) {
    this.#folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
    const settings = { ...SETTINGS, engine, dataDir: this.#folder };
    const args = Object.entries(settings).flatMap(([name, value]) =>
      value === true ? [flagOf(name)] : [flagOf(name), String(value)],
    );
    this.#child = spawn(process.execPath, [join(root, 'dist/broker/main.js'), ...args], {
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout.on('data', (text) => {
      this.#output += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => this.#readLog(text));
    this.#child.on('close', (code, signal) => {
      this.ended = `it ended with ${signal ?? code}`;
      if (!this.#isStopping || code !== 0) this.problems.push(this.ended);
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** @returns {Promise<{ http: number, tcp: number | null }>} */
  async ready() {
    for (let left = START_MS; left > 0 && this.ended === null; left -= 20) {
      const [, http] = /ready on http:\/\/[^ ]*:(\d+)/.exec(this.#output) ?? [];
      const [, tcp] = /TCP on port (\d+)/.exec(this.#output) ?? [];
      if (http !== undefined && this.#output.endsWith('\n')) {
        return { http: Number(http), tcp: tcp === undefined ? null : Number(tcp) };
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.kill();
    throw new Error(`the broker does not start: ${this.problems.join('\n')}`);
  }

  /** The resources that it holds now; memory in KiB. */
  holds() {
    const of = `/proc/${this.pid}`;
    const files = readdirSync(`${of}/fd`);
    const rssKib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`${of}/status`, 'utf8'))?.[1]);
    return {
      rssKib,
      files: files.length,
      sockets: files.filter((file) => isSocket(of, file)).length,
    };
  }

  async stop() {
    this.#isStopping = true;
    this.#child.kill('SIGTERM');
    for (let left = STOP_MS; left > 0 && this.ended === null; left -= 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (this.ended !== null) return;
    this.problems.push('it does not stop');
    await this.kill();
  }

  /** Resolves when it is gone, and its folder with it. */
  async kill() {
    if (this.ended !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  #readLog(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, level] = /^\{"level":(\d+)/.exec(line) ?? [];
      if (line === '' || Number(level) < PINO_WARN) continue;
      if (Number(level) < PINO_ERROR) {
        const { msg } = JSON.parse(line);
        this.warnings[msg] = (this.warnings[msg] ?? 0) + 1;
      } else this.problems.push(`it writes ${line}`);
    }
  }
}

function flagOf(name) {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function isSocket(of, file) {
  try {
    return readlinkSync(`${of}/fd/${file}`).startsWith('socket:');
  } catch {
    // It was closed since the folder was read.
    return false;
  }
}
