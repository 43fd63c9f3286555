// Plays one stream against a broker, and looks at what it answers.

import { Answers } from './answers.mjs';
import { Random } from './random.mjs';
import { TcpLine } from './tcp-line.mjs';
import { WebSocketLine } from './websocket-line.mjs';
import { XhrLine } from './xhr-line.mjs';

/** Time within which a healthy broker closes a connection that it must close. */
const CLOSE_MS = 15_000;
/** Silence after which no further answer is expected. */
const QUIET_MS = 25;
const FIRST_ANSWER_MS = 200;
const ANSWER_MS = 60;
/** Beyond the limits on silence that the broker is run with. */
const STAY_MS = 2_500;
const DEAF_MS = 1_000;
/** The receipt of the last frame, in a conversation with which nothing is wrong. */
const GOODBYE = 'bye';
/** Codes of refused SENDs that do not close a session that subscribes to its errors. */
const REFUSALS = new Set([
  'BAD_JSON',
  'BAD_MESSAGE',
  'BAD_SENDER',
  'BAD_TYPE',
  'ID_TAKEN',
  'NOT_AN_OBJECT',
  'NOT_TEXT',
  'QUEUE_FULL',
  'RATE_LIMITED',
]);
/** Those of words.mjs. */
const PLACEHOLDER = /%(ack|message-id|subscription)%/g;

/**
 * @typedef {object} Ports
 * @property {number} http
 * @property {number | null} tcp
 *
 * @typedef {object} Played
 * @property {Answers} answers
 * @property {number} frames that were written
 * @property {string[]} problems what the broker must not have done
 */

/**
 * @param {import('./stream.mjs').Stream} stream
 * @param {{ ports: Ports, agent: import('node:http').Agent, name: string }} where `name` is one
 *   that no other connection has
 * @returns {Promise<Played>}
 */
export async function play(stream, where) {
  const play = new Play(stream, where);
  await play.say();
  await play.leave();
  return play.result();
}

class Play {
  #answers = new Answers();
  #asked = [];
  #frames = 0;
  #heard = 0;
  #isLeft = false;
  #line;
  #problems = [];
  #stream;
  #wake = () => undefined;

  constructor(stream, where) {
    this.#stream = stream;
    this.#line = lineOf(stream, where, {
      said: (octets) => {
        this.#heard += 1;
        if (!this.#isLeft) this.#answers.read(octets);
        this.#wake();
      },
      wrong: (problem) => this.#problems.push(problem),
      closed: () => this.#wake(),
    });
  }

  async say() {
    const { steps, saysUntil, broken, ending } = this.#stream;
    if (ending === 'deaf') this.#line.pause();
    for (const [at, step] of steps.slice(0, saysUntil).entries()) {
      if (broken?.at === at) this.#line.break(broken.dice);
      if (step.waits) await this.#toAcknowledge();
      // The frames so far may have closed it.
      if (at % 4 === 3) await new Promise((resolve) => setImmediate(resolve));
      if (this.#line.isClosed) return;
      // There is nothing to refer to: it would only end here.
      const isLoose = step.waits && step.frames === 1 && this.#ids().length === 0;
      if (isLoose && at % 8 !== 0) continue;
      this.#line.write(this.#filled(step.chunk, at));
      this.#frames += step.frames;
      this.#asked.push(...step.receipts);
    }
  }

  async leave() {
    const { ending } = this.#stream;
    if (ending === 'deaf') {
      await pause(DEAF_MS);
      this.#line.resume();
    }
    const isGoodbye = ending === 'quiet' && this.#asked.at(-1) === GOODBYE;
    if (isGoodbye && !(await this.#closed(CLOSE_MS))) {
      this.#problems.push('not closed after DISCONNECT');
    } else if (ending === 'quiet' || ending === 'deaf') await this.#quiet();
    if (ending === 'stay') await this.#closed(STAY_MS);
    if (ending === 'drop' || ending === 'reset') {
      this.#isLeft = true;
      this.#line.drop(ending === 'reset');
      return;
    }
    const isToClose = this.#answers.hasError || ending === 'end';
    if (!this.#answers.hasError && !this.#line.isClosed) this.#line.end();
    if (!(await this.#closed(CLOSE_MS)) && isToClose) {
      this.#problems.push(`not closed after ${this.#answers.hasError ? 'an ERROR' : 'the end'}`);
    }
    this.#isLeft = true;
    this.#line.drop(false);
  }

  result() {
    const { isSound, ending } = this.#stream;
    const answers = this.#answers;
    if (isSound && ending === 'quiet' && !answers.hasError) {
      const [asked, got] = [this.#asked.join(), answers.receipts.join()];
      if (got !== asked) this.#problems.push(`asked for the receipts ${asked}, got ${got}`);
    }
    const listens = this.#stream.steps.some(({ chunk }) => chunk?.includes('id:errors'));
    if (isSound && listens && REFUSALS.has(answers.codes[0])) {
      this.#problems.push(`a refused SEND ended the session: ${answers.codes[0]}`);
    }
    if (answers.isHalf && ending === 'quiet') this.#problems.push('half a frame');
    return { answers, frames: this.#frames, problems: [...this.#problems, ...answers.problems] };
  }

  /** Ids of the messages that are not acknowledged yet. */
  #ids() {
    return this.#answers.unacknowledged;
  }

  /** They go where the stream refers to one, and mostly but once. */
  #filled(chunk, number) {
    // One octet is one letter, so that what is broken stays as it is.
    const text = typeof chunk === 'string' ? chunk : chunk.toString('latin1');
    if (text.search(PLACEHOLDER) === -1) return chunk;
    const random = new Random(this.#stream.id, number);
    const ids = this.#ids();
    const at = random.below(Math.min(3, ids.length));
    const [message = {}] = random.chance(0.9) ? ids.splice(at, 1) : ids.slice(at);
    const filled = text.replaceAll(PLACEHOLDER, (_, name) => message[name] ?? 'none');
    return typeof chunk === 'string' ? filled : Buffer.from(filled, 'latin1');
  }

  async #toAcknowledge() {
    const until = Date.now() + ANSWER_MS;
    while (this.#ids().length === 0 && !this.#line.isClosed && Date.now() < until) {
      await this.#change(until - Date.now());
    }
  }

  /** Waits until nothing comes any more, or the end. */
  async #quiet() {
    // A busy broker is not a silent one.
    if (this.#heard === 0 && !this.#line.isClosed) await this.#change(FIRST_ANSWER_MS);
    for (let heard = -1; heard !== this.#heard && !this.#line.isClosed; ) {
      heard = this.#heard;
      await this.#change(QUIET_MS);
      if (heard !== this.#heard) await pause(1);
    }
  }

  async #closed(withinMs) {
    const until = Date.now() + withinMs;
    while (!this.#line.isClosed && Date.now() < until) await this.#change(until - Date.now());
    return this.#line.isClosed;
  }

  /** Until something comes, but no longer than this. */
  async #change(withinMs) {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function lineOf(stream, { ports, agent, name }, events) {
  const { line, broken } = stream;
  const isSpoilt = broken?.at === stream.steps.length;
  const spoilt = (text) => (isSpoilt ? spoiltRequest(broken.dice, text) : text);
  switch (line) {
    case 'tcp':
      return new TcpLine({ port: ports.tcp }, events);
    case 'xhr':
    case 'xhr_streaming': {
      const isStreaming = line === 'xhr_streaming';
      return new XhrLine({ port: ports.http, name, agent, isStreaming }, events);
    }
    default: {
      const isSockJs = line === 'sockjs';
      return new WebSocketLine({ port: ports.http, name, isSockJs, spoilt }, events);
    }
  }
}

/** The request that opens a WebSocket, with one thing wrong. */
function spoiltRequest(random, text) {
  const at = random.below(text.length);
  const what = random.pick(['', '\r\n', '\0', ':', 'x'.repeat(9_000), '\u00ff', ' ']);
  return text.slice(0, at) + what + text.slice(at + random.below(3));
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
