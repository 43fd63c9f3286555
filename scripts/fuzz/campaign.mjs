// Plays many streams at the same time, and counts what came of them.

import { Agent } from 'node:http';
import { play } from './play.mjs';
import { streamOf } from './stream.mjs';

/**
 * @typedef {object} Tally
 * @property {number} streams
 * @property {number} frames
 * @property {Record<string, number>} lines how many streams went over each
 * @property {Record<string, number>} answers by command
 * @property {Record<string, number>} errors ERRORs by code
 * @property {Record<string, number>} refusals that left the session alive, by code
 * @property {{ stream: string, problem: string }[]} problems
 *
 * @typedef {object} Run
 * @property {number | string} seed
 * @property {import('./play.mjs').Ports} ports
 * @property {readonly import('./stream.mjs').LineName[]} [lines] default: all that have a port
 * @property {number} [atOnce] connections at the same time
 */

const ALL_LINES = /** @type {const} */ (['websocket', 'sockjs', 'xhr', 'xhr_streaming', 'tcp']);

export class Campaign {
  /** @type {Tally} */
  tally = {
    ...{ streams: 0, frames: 0, lines: {}, answers: {}, errors: {}, refusals: {}, problems: [] },
  };
  /** The streams that are played at this moment: one of them is to blame for what happens now. */
  inFlight = new Set();
  #agent = new Agent({ keepAlive: true });
  #atOnce;
  #lines;
  #ports;
  #seed;

  /** @param {Run} run */
  constructor({ seed, ports, lines = ALL_LINES, atOnce = 24 }) {
    this.#seed = seed;
    this.#ports = ports;
    this.#lines = lines.filter((line) => line !== 'tcp' || ports.tcp !== null);
    this.#atOnce = atOnce;
  }

  /**
   * Resolves when all of them have ended.
   *
   * @param {Iterable<number | string>} ids
   */
  async play(ids) {
    const left = ids[Symbol.iterator]();
    const one = async () => {
      for (let next = left.next(); next.done !== true; next = left.next()) {
        await this.#playOne(next.value);
      }
    };
    await Promise.all(Array.from({ length: this.#atOnce }, one));
    // Requests of SockJS keep their connections for the next one: there is none.
    this.#agent.destroy();
    this.#agent = new Agent({ keepAlive: true });
  }

  async #playOne(id) {
    const stream = streamOf(this.#seed, id, this.#lines);
    this.inFlight.add(stream.id);
    const name = `${process.pid}-${this.tally.streams}-${stream.id.replaceAll('.', '-')}`;
    this.tally.streams += 1;
    count(this.tally.lines, stream.line);
    const played = await play(stream, { ports: this.#ports, agent: this.#agent, name });
    this.inFlight.delete(stream.id);
    this.tally.frames += played.frames;
    for (const [command, number] of Object.entries(played.answers.counts)) {
      count(this.tally.answers, command, number);
    }
    for (const code of played.answers.codes) count(this.tally.errors, code);
    for (const code of played.answers.refusals) count(this.tally.refusals, code);
    for (const problem of played.problems) {
      this.tally.problems.push({ stream: stream.id, problem });
    }
  }
}

/** @param {Record<string, number>} counts */
function count(counts, name, by = 1) {
  counts[name] = (counts[name] ?? 0) + by;
}
