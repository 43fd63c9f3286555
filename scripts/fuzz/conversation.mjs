// Conversations that a client may have with the broker, from CONNECT to DISCONNECT, most of them
// without a fault. What goes wrong with them afterwards is in mutations.mjs.

import * as words from './words.mjs';

/**
 * @typedef {object} Spoken one frame before it is bytes
 * @property {string} command
 * @property {[name: string, value: string][]} headers
 * @property {string | Buffer} [body]
 * @property {boolean} [hasLength] says content-length
 * @property {boolean} [waits] it answers what came before: not sent in one chunk with that
 *
 * @typedef {import('./random.mjs').Random} Random
 * @typedef {'1.0' | '1.1' | '1.2'} Version
 */

/** Of 16,000 octets each, the buffers of both kernels cannot hold so many. */
const FLOOD = 700;
const ACK_MODES = ['auto', 'client', 'client-individual', 'client-individual'];

/**
 * @param {Random} random
 * @returns {{ version: Version, frames: Spoken[], isFlood: boolean }} a flood is more than who does
 *   not read can be sent
 */
export function conversation(random) {
  const version = random.weighted([
    [6, '1.2'],
    [3, '1.1'],
    [2, '1.0'],
  ]);
  const talk = new Talk(random, version);
  talk.connect();
  // Refusals do not close a session that subscribes to its errors, so it gets further.
  if (random.chance(0.8)) talk.subscribe('/user/queue/errors', 'errors');
  const isFlood = random.chance(0.001);
  if (isFlood) talk.flood(FLOOD, 'x'.repeat(16_000));
  else if (random.chance(0.02)) talk.flood(random.between(30, 300), 'drop');
  const scenes = random.chance(0.03) ? random.between(40, 120) : random.between(1, 6);
  for (let count = 0; count < scenes; count += 1) {
    random.weighted([
      [5, () => talk.room()],
      [4, () => talk.topic()],
      [4, () => talk.queue()],
      [1, () => talk.user()],
      [3, () => talk.transaction()],
      [1, () => talk.history()],
      [1, () => talk.anything()],
    ])();
  }
  if (random.chance(0.6)) talk.say('DISCONNECT', random.chance(0.8) ? [['receipt', 'bye']] : []);
  return { version, frames: talk.frames, isFlood };
}

class Talk {
  /** @type {Spoken[]} */
  frames = [];
  #random;
  #version;
  #count = 0;

  constructor(random, version) {
    this.#random = random;
    this.#version = version;
  }

  connect() {
    const random = this.#random;
    const versions = { '1.0': null, 1.1: '1.0,1.1', 1.2: '1.2,1.1,1.0' }[this.#version];
    const heartBeat = random.pick(['0,0', '0,0', '200,200', '0,100', '300,0', '10000,10000']);
    this.say(this.#version !== '1.0' && random.chance(0.2) ? 'STOMP' : 'CONNECT', [
      ...(versions === null ? [] : [['accept-version', versions]]),
      ['host', 'fuzz'],
      ...(random.chance(0.7) ? [['heart-beat', heartBeat]] : []),
      ...(random.chance(0.4)
        ? [
            ['login', random.pick(words.USERS)],
            ['passcode', 'secret'],
          ]
        : []),
    ]);
  }

  room() {
    const random = this.#random;
    const room = words.room(random);
    const mode = random.chance(0.3) ? random.pick(ACK_MODES) : 'auto';
    const id = this.#newId(mode);
    this.subscribe(`/topic/chat/room/${room}`, id, mode === 'auto' ? [] : this.#ackHeaders(mode));
    if (random.chance(0.3)) this.subscribe(words.roomTopic(random), this.#newId());
    for (let left = random.between(1, 6); left > 0; left -= 1) {
      this.send('/app/chat/message', words.chatBody(random, room));
      if (mode !== 'auto' && random.chance(0.5)) this.acknowledge();
    }
    if (random.chance(0.5)) this.unsubscribe(id);
  }

  topic() {
    const random = this.#random;
    const id = this.#newId();
    const where = random.pick(random.chance(0.3) ? words.PATTERNS.slice(0, 5) : words.TOPICS);
    this.subscribe(where, id);
    for (let left = random.between(1, 5); left > 0; left -= 1) {
      this.send(random.pick(words.TOPICS), words.body(random));
    }
    if (random.chance(0.5)) this.unsubscribe(id);
  }

  queue() {
    const random = this.#random;
    const where = random.pick(random.chance(0.6) ? words.QUEUES : words.TOPICS);
    const mode = random.pick(ACK_MODES);
    const id = this.#newId(mode);
    this.subscribe(where, id, this.#ackHeaders(mode));
    for (let left = random.between(1, 6); left > 0; left -= 1) {
      this.send(where, words.body(random));
      if (mode !== 'auto' && random.chance(0.6)) this.acknowledge();
    }
    if (random.chance(0.5)) this.unsubscribe(id);
  }

  user() {
    const random = this.#random;
    const id = this.#newId('client');
    this.subscribe(random.pick(words.USER_QUEUES), id, this.#ackHeaders('client'));
    for (let left = random.between(1, 4); left > 0; left -= 1) {
      this.send(random.pick(words.TO_USERS), words.body(random));
      if (random.chance(0.5)) this.acknowledge();
    }
  }

  /** To itself alone: others have enough to do. */
  flood(count, body) {
    const where = `/topic/own/${this.#random.below(1_000_000)}`;
    this.subscribe(where, this.#newId());
    const headers = [['destination', where]];
    for (let left = count; left > 0; left -= 1) {
      this.say('SEND', this.#withReceipt(headers), { body });
    }
  }

  transaction() {
    const random = this.#random;
    const transaction = random.pick(words.TRANSACTIONS);
    const inIt = [['transaction', transaction]];
    const mode = random.pick(ACK_MODES);
    const where = random.pick(words.QUEUES);
    if (mode !== 'auto') this.subscribe(where, this.#newId(mode), this.#ackHeaders(mode));
    this.say('BEGIN', this.#withReceipt(inIt));
    for (let left = random.between(0, 6); left > 0; left -= 1) {
      const isChat = random.chance(0.4);
      if (isChat) this.send('/app/chat/message', words.chatBody(random), inIt);
      else if (mode === 'auto') this.send(random.pick(words.TOPICS), words.body(random), inIt);
      else if (random.chance(0.6)) this.send(where, words.body(random), inIt);
      else this.acknowledge(inIt);
    }
    const end = random.weighted([
      [6, 'COMMIT'],
      [2, 'ABORT'],
      [1, null],
    ]);
    if (end !== null) this.say(end, this.#withReceipt(inIt));
  }

  history() {
    const random = this.#random;
    const offset = random.pick(words.HEADERS.find(([name]) => name === 'x-stream-offset')[1]);
    this.subscribe(words.roomTopic(random), this.#newId(), [['x-stream-offset', offset]]);
  }

  anything() {
    const random = this.#random;
    const command = random.pick([
      ...['SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'ACK', 'NACK', 'BEGIN', 'COMMIT', 'ABORT'],
    ]);
    const headers = Array.from({ length: random.below(4) }, () => words.header(random));
    const where = ['destination', words.destination(random)];
    const id = ['id', this.#newId()];
    this.say(command, this.#withReceipt([where, id, ...headers]));
  }

  subscribe(destination, id, more = []) {
    // 1.0 knows a subscription by its destination where it has no id.
    const ids = this.#version === '1.0' && this.#random.chance(0.3) ? [] : [['id', id]];
    this.say('SUBSCRIBE', this.#withReceipt([['destination', destination], ...ids, ...more]));
  }

  unsubscribe(id) {
    this.say('UNSUBSCRIBE', this.#withReceipt([['id', id]]));
  }

  send(destination, body, more = []) {
    const random = this.#random;
    const extra = random.chance(0.1) ? [words.header(random)] : [];
    const octets = Buffer.from(body);
    const headers = this.#withReceipt([['destination', destination], ...more, ...extra]);
    const isSaid = extra.some(([name]) => name === 'content-length');
    const hasLength = !isSaid && (octets.includes(0) || random.chance(0.4));
    this.say('SEND', headers, { body: octets, hasLength });
  }

  acknowledge(more = []) {
    const command = this.#version !== '1.0' && this.#random.chance(0.3) ? 'NACK' : 'ACK';
    const which =
      this.#version === '1.2'
        ? [['id', words.ACK_ID]]
        : [
            ['subscription', words.SUBSCRIPTION_ID],
            ['message-id', words.MESSAGE_ID],
          ];
    this.say(command, this.#withReceipt([...which, ...more]), { waits: true });
  }

  say(command, headers, more = {}) {
    this.frames.push({ command, headers, ...more });
  }

  #ackHeaders(mode) {
    const random = this.#random;
    const prefetch = random.chance(0.3) ? [['prefetch-count', random.pick(['1', '2', '5'])]] : [];
    return [['ack', mode], ...prefetch];
  }

  #withReceipt(headers) {
    if (this.#random.chance(0.3)) return headers;
    this.#count += 1;
    return [...headers, ['receipt', `r-${this.#count}`]];
  }

  /** Tells by its beginning whether MESSAGEs there wait for an ACK. */
  #newId(mode = 'auto') {
    if (this.#random.chance(0.05)) return this.#random.pick(words.SUBSCRIPTION_IDS);
    this.#count += 1;
    return `${mode === 'auto' ? 's' : words.WAITING}${this.#count}`;
  }
}
