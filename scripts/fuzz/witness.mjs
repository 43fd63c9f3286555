// The client that does nothing wrong, on a library that everyone uses. While others send rubbish
// it must get all that it sent, in order, and soon.

import { Client } from '@stomp/stompjs';
import { WebSocket } from 'ws';

const EVERY_MS = 100;
const HEART_BEAT_MS = 1_000;
/** Far more than a message ever takes, on a machine that is busy with fuzzing. */
export const DEADLINE_MS = 5_000;
const START_MS = 20_000;

const ROOM = 'the-witness';
/** Nobody else sends there. */
const PLACES = [`/topic/chat/room/${ROOM}`, '/topic/the/witness'];

export class Witness {
  sent = 0;
  received = 0;
  worstMs = 0;
  /** @type {string[]} */
  problems = [];
  #client;
  #isOver = false;
  #timer;
  /** The numbers that are under way, and since when; by destination. */
  #waiting = new Map(PLACES.map((place) => [place, new Map()]));
  #position = 0;

  constructor(client) {
    this.#client = client;
  }

  /** Resolves when it is subscribed and speaks. @param {number} port */
  static async start(port) {
    const client = new Client({
      webSocketFactory: () => new WebSocket(`ws://127.0.0.1:${port}/websc/websocket`, 'v12.stomp'),
      heartbeatIncoming: HEART_BEAT_MS,
      heartbeatOutgoing: HEART_BEAT_MS,
      reconnectDelay: 0,
    });
    const witness = new Witness(client);
    await within(START_MS, 'the witness cannot connect', (connected) => {
      client.onConnect = connected;
      client.activate();
    });
    client.onWebSocketClose = () => witness.#lost();
    client.onStompError = ({ headers }) =>
      witness.problems.push(`the witness gets ERROR ${headers.code}`);
    for (const place of PLACES) {
      client.subscribe(place, (message) => witness.#got(place, message));
    }
    witness.#say('ENTER', 'in');
    witness.#timer = setInterval(() => witness.#tick(), EVERY_MS);
    return witness;
  }

  /** True if a message has been under way for too long. */
  get isStarved() {
    const since = [...this.#waiting.values()].flatMap((waiting) => [...waiting.values()]);
    return since.length > 0 && Date.now() - Math.min(...since) > DEADLINE_MS;
  }

  /** Stops sending, waits for the rest, and disconnects. */
  async stop() {
    clearInterval(this.#timer);
    for (let left = DEADLINE_MS; left > 0 && this.#isOwed && !this.#isOver; left -= 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (this.#isOwed) this.problems.push(`the witness sent ${this.sent} and got ${this.received}`);
    this.#isOver = true;
    await this.#client.deactivate();
  }

  get #isOwed() {
    return [...this.#waiting.values()].some((waiting) => waiting.size > 0);
  }

  #tick() {
    if (this.#isOver) return;
    this.sent += 1;
    const [room, topic] = PLACES;
    for (const place of PLACES) this.#waiting.get(place).set(this.sent, Date.now());
    this.#say('TALK', String(this.sent), room);
    this.#client.publish({ destination: topic, body: String(this.sent) });
  }

  #say(type, message) {
    const body = JSON.stringify({ type, roomId: ROOM, sender: 'witness', message });
    this.#client.publish({ destination: '/app/chat/message', body });
  }

  #got(place, { body, headers }) {
    const isRoom = place === PLACES[0];
    if (isRoom) this.#checkPosition(Number(headers['x-stream-offset']));
    const said = isRoom ? JSON.parse(body) : { type: 'TALK', message: body };
    if (said.type !== 'TALK') return;
    const waiting = this.#waiting.get(place);
    const [next] = waiting.keys();
    if (String(next) !== said.message) {
      this.problems.push(`the witness waits for ${next} and gets ${said.message}`);
    }
    const waitedMs = Date.now() - (waiting.get(next) ?? Date.now());
    if (waitedMs > DEADLINE_MS) this.problems.push(`message ${next} took ${waitedMs} ms`);
    this.worstMs = Math.max(this.worstMs, waitedMs);
    waiting.delete(next);
    if (isRoom) this.received += 1;
  }

  #checkPosition(position) {
    if (position !== this.#position + 1) {
      this.problems.push(`position ${position} follows ${this.#position}`);
    }
    this.#position = position;
  }

  #lost() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.problems.push(`the witness lost its connection after ${this.received} messages`);
  }
}

async function within(ms, problem, start) {
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(problem)), ms);
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
