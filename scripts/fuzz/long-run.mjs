// A broker in a process of its own, streams against it, the witness beside them, and what is looked
// at: that it lives, writes no error, holds nothing of what has ended, and does not grow.

import { BrokerProcess } from './broker-process.mjs';
import { Campaign } from './campaign.mjs';
import { memoryTrend } from './memory-trend.mjs';
import { printReport } from './report.mjs';
import { Witness } from './witness.mjs';

const ROUNDS_MAX = 40;
const ROUND_FRAMES = 5_000;
const IDLE_MS = 1_000;
/** The broker's own times for connections that end, and some more. */
const SETTLE_MS = 15_000;
/** A session of SockJS over HTTP is over 5 s after the last request; then comes the grace. */
const FORGET_MS = 8_000;
/** More growth than this, beyond what samples differ by, is taken for a leak. */
const GROWTH_MAX_KIB = 16 * 1_024;

export class LongRun {
  #broker;
  #campaign;
  #first;
  #ports;
  #problems = [];
  #samples = [];
  #seed;
  #startedAt = Date.now();
  #watch;
  #witness;

  constructor({ broker, ports, seed, witness, atOnce }) {
    this.#broker = broker;
    this.#ports = ports;
    this.#seed = seed;
    this.#witness = witness;
    this.#campaign = new Campaign({ seed, ports, atOnce });
    this.#first = broker.holds();
    this.#watch = setInterval(() => void this.#look(), 200);
  }

  /** @param {{ seed: string, atOnce: number, engine: string }} options */
  static async start({ engine, ...options }) {
    const broker = new BrokerProcess(engine);
    const ports = await broker.ready();
    const witness = await Witness.start(ports.http);
    await idle(IDLE_MS);
    return new LongRun({ ...options, broker, ports, witness });
  }

  /** Streams 0, 1, 2, … until they had so many frames. */
  async fuzz(frames) {
    const { tally } = this.#campaign;
    const rounds = Math.min(ROUNDS_MAX, Math.ceil(frames / ROUND_FRAMES));
    let next = 0;
    for (let round = 1; round <= rounds; round += 1) {
      const target = (frames * round) / rounds;
      await this.#campaign.play(
        (function* untilEnough() {
          for (; tally.frames < target; next += 1) yield next;
        })(),
      );
      await this.#settle();
      await idle(IDLE_MS);
      this.#samples.push({ frames: tally.frames, ...this.#broker.holds() });
      this.#showProgress();
    }
  }

  /** @param {readonly string[]} ids */
  async replay(ids) {
    await this.#campaign.play(ids);
    await this.#settle();
  }

  /** Looks at what is left, stops all of it and prints the figures; gives the number of problems. */
  async finish() {
    await idle(FORGET_MS);
    const last = this.#broker.holds();
    await this.#checkRooms();
    clearInterval(this.#watch);
    await this.#witness.stop();
    await this.#broker.stop();
    const memory = this.#checkMemory();
    const { tally } = this.#campaign;
    const problems = [...this.#problems, ...this.#broker.problems, ...this.#witness.problems];
    for (const { stream, problem } of tally.problems) problems.push(`stream ${stream}: ${problem}`);
    const seconds = (Date.now() - this.#startedAt) / 1_000;
    const { warnings } = this.#broker;
    const [first, seed, witness] = [this.#first, this.#seed, this.#witness];
    printReport({ first, last, memory, problems, seconds, seed, tally, warnings, witness });
    return problems.length;
  }

  /** One of the streams that are played at this moment did it. */
  async #look() {
    if (this.#broker.ended === null && !this.#witness.isStarved) return;
    clearInterval(this.#watch);
    const problem = this.#broker.ended ?? 'the witness is not served any more';
    const lines = [problem, ...this.#broker.problems, ...this.#witness.problems];
    for (const line of lines) console.error(line);
    const streams = [...this.#campaign.inFlight].join(',');
    console.error(`again: npm run fuzz -- --seed ${this.#seed} --only ${streams}`);
    await this.#broker.kill();
    process.exit(1);
  }

  /** Waits until the broker holds no connections but those that it had before. */
  async #settle() {
    const until = Date.now() + SETTLE_MS;
    while (this.#broker.holds().sockets > this.#first.sockets) {
      if (Date.now() > until) {
        const { sockets } = this.#broker.holds();
        this.#problems.push(`${sockets} sockets are left, and ${this.#first.sockets} were there`);
        return;
      }
      await idle(50);
    }
  }

  /** Everyone has left, so a person who is still in a room is a session that leaked. */
  async #checkRooms() {
    const { rooms } = await (await fetch(`http://127.0.0.1:${this.#ports.http}/api/rooms`)).json();
    const people = rooms.reduce((sum, room) => sum + room.people, 0);
    if (people !== 1) this.#problems.push(`${people} people are in rooms, not the witness alone`);
  }

  #checkMemory() {
    const memory = memoryTrend(this.#samples);
    if (memory.isEnough && memory.endKib - memory.afterWarmUpKib > GROWTH_MAX_KIB) {
      this.#problems.push(`memory grows from ${memory.afterWarmUpKib} to ${memory.endKib} KiB`);
    }
    return memory;
  }

  #showProgress() {
    const { frames, streams, problems } = this.#campaign.tally;
    const { rssKib, sockets } = this.#samples.at(-1);
    const memory = `${(rssKib / 1_024).toFixed(0)} MiB`;
    console.error(`${frames} frames, ${streams} streams, ${memory}, ${sockets} sockets`);
    for (const { stream, problem } of problems.slice(0, 5))
      console.error(`  ${stream}: ${problem}`);
  }
}

function idle(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
