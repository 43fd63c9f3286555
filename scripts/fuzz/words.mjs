// The vocabulary of conversations: valid and invalid names from small pools, so that conversations
// meet at the same ones.

/** Stand in a stream for headers of a MESSAGE that came on the same connection. */
export const ACK_ID = '%ack%';
export const MESSAGE_ID = '%message-id%';
/** Prefix of the ids of subscriptions whose MESSAGEs need an ACK. */
export const WAITING = 'w-';
export const SUBSCRIPTION_ID = '%subscription%';

export const SUBSCRIPTION_IDS = ['0', '1', '2', 'a', 'sub-0', 'sub:1', '방\n', 'x'.repeat(70)];
export const TRANSACTIONS = ['t1', 't2', 't:3', ''];
export const RECEIPTS = ['r', 'r:1', '\\', '한 글', 'again'];
const ROOMS = ['1', '2', '3', '7', 'hall', 'a_b-c', '0', '9007199254740991'];

const WRONG_ROOMS = ['', '-1', 'a b', '*', '../1', '가', '1.5', 'x'.repeat(65), '__proto__'];

export const TOPICS = [
  '/topic/a',
  '/topic/a/b',
  '/topic/a/b/c',
  '/topic/',
  '/topic/%2f',
  '/topic/한',
];
export const PATTERNS = [
  ...['/topic/**', '/topic/*', '/topic/a/*', '/topic/*/b', '/topic/a/**', '/topic/>', '/topic/a.#'],
  ...[
    '/topic/chat/**',
    '/topic/chat/room/*',
    '/queue/*',
    '/queue/**',
    '/app/**',
    '/user/**',
    '/**',
  ],
];
export const QUEUES = ['/queue/a', '/queue/b', '/queue/a/b', '/queue/c:d'];
export const USERS = ['kim', 'kim', 'lee', '박 a/b', '%'];
export const USER_QUEUES = ['/user/queue/a', '/user/queue/b', '/user/queue/a/b'];
export const TO_USERS = [
  '/user/kim/queue/a',
  '/user/lee/queue/b',
  '/user/%EB%B0%95%20a%2Fb/queue/a',
  '/user/nobody/queue/a',
  '/user/%zz/queue/a',
  '/user/kim/queue/errors',
];
const ELSEWHERE = [
  ...['/user/queue/errors', '/user/queue/a', '/user/kim/queue/a', '/user/', '/user/queue/errors/x'],
  ...['/app/chat/rooms', '/app/chat/messages', '/app/', '/app/constructor', '/topic/chat/rooms'],
  ...[
    '/topic/chat/',
    '/topic',
    '/queue',
    '/queue/',
    '/nowhere',
    '',
    '/',
    'topic/a',
    '//',
    '/temp-queue/a',
  ],
];

/** Mostly one of few, and now and then one more than the broker takes. */
export function room(random) {
  return random.chance(0.03) ? `room-${random.below(100)}` : random.pick(ROOMS);
}

/** @param {import('./random.mjs').Random} random */
export function roomTopic(random) {
  const name = random.chance(0.95) ? room(random) : random.pick(WRONG_ROOMS);
  const rest = random.weighted([
    [8, ''],
    [2, '/presence'],
    [0.2, '/'],
  ]);
  return `/topic/chat/room/${name}${rest}`;
}

/** Any destination at all. @param {import('./random.mjs').Random} random */
export function destination(random) {
  const pool = random.weighted([
    [4, TOPICS],
    [3, QUEUES],
    [2, PATTERNS],
    [2, ELSEWHERE],
    [1, ['/app/chat/message']],
    [1, null],
  ]);
  if (pool !== null) return random.pick(pool);
  return random.chance(0.8) ? roomTopic(random) : `/topic/${'deep/'.repeat(random.below(200))}`;
}

const TYPES = ['ENTER', 'TALK', 'TALK', 'TALK', 'LEAVE', 'TYPING'];
const SENDERS = ['Kim', 'Lee ', '박', '🦊', 'e\u0301', '\u00e9'];
const TEXTS = [
  'hello',
  '안녕하세요',
  '',
  '🦊'.repeat(20),
  '<b>',
  '\u0000',
  'x'.repeat(4_000),
  '\\n:',
];
const WRONG = [
  ...[null, true, 7, -0, 1e308, '', [], {}, ['TALK'], { toString: 1 }, '\ud800', 'x'.repeat(4_001)],
];
const NO_CHAT = [
  ...['', '{', 'null', '[]', '7', '"TALK"', '{}', '{"type":"TALK"', '\ufeff{}', '{"a":1}{', '[{}]'],
  ...[
    '['.repeat(9_000),
    '{"a":'.repeat(2_000),
    '{"type":"TALK","type":1e999}',
    '{"__proto__":{"type":1}}',
  ],
];

/**
 * A body for the chat: as it must be, with a field that is not, or nothing like it.
 *
 * @param {import('./random.mjs').Random} random
 */
export function chatBody(random, name = room(random)) {
  if (random.chance(0.06)) return random.pick(NO_CHAT);
  const roomId = /^\d{1,15}$/.test(name) && random.chance(0.5) ? Number(name) : name;
  const said = {
    type: random.pick(TYPES),
    roomId,
    sender: random.pick(SENDERS),
    message: random.pick(TEXTS),
    ...(random.chance(0.3) ? { id: `id-${random.below(20)}` } : {}),
    ...(random.chance(0.1) ? { resume: random.chance(0.8) } : {}),
    ...(random.chance(0.1) ? { extra: { deep: [1, { er: '값' }] } } : {}),
  };
  if (random.chance(0.08)) said[random.pick(Object.keys(said))] = random.pick(WRONG);
  return JSON.stringify(said);
}

/** Any body at all. @param {import('./random.mjs').Random} random */
export function body(random) {
  return random.weighted([
    [6, () => random.pick(TEXTS)],
    [2, () => random.bytes(random.below(40))],
    [1, () => 'a\0b\n\nSEND\n\n\0'],
    [1, () => chatBody(random)],
    [0.1, () => Buffer.alloc(random.between(15_000, 18_000), 'x')],
  ])();
}

/** Names that mean something to a broker, with values that may or may not. */
export const HEADERS = [
  ['ack', ['auto', 'client', 'client-individual', 'none', '']],
  ['content-type', ['application/json', 'text/plain;charset=utf-8', '']],
  ['prefetch-count', ['0', '1', '2', '10', '-1', 'x', '1e9', '99999999999999999999']],
  [
    'x-stream-offset',
    ['next', 'first', 'last=2', 'last=0', 'offset=1', 'offset=99', 'last=x', '-1'],
  ],
  ['x-stream-epoch', ['', 'another', '0'.repeat(12)]],
  ['x-deduplication-id', ['d1', 'd2', '', 'x'.repeat(65), 'a b']],
  ['x-ephemeral', ['true', 'false', '']],
  ['transaction', TRANSACTIONS],
  ['receipt', RECEIPTS],
  ['id', SUBSCRIPTION_IDS],
  ['subscription', SUBSCRIPTION_IDS],
  ['message-id', [MESSAGE_ID, 'none', '']],
  [
    'content-length',
    ['0', '1', '5', '16384', '16385', '-1', '1e3', '', '99999999999999999', '+1', '3 '],
  ],
  ['heart-beat', ['0,0', '200,200', '1,1', '0,1', '9999999999,0', '1', 'a,b', '-1,0', '']],
  ['accept-version', ['1.2', '1.1', '1.0,1.1,1.2', '2.0', '', ',', '1.2,1.2']],
  ['__proto__', ['x']],
  ['x-own', ['a\\b', 'a:b', 'a\nb', 'a\rb', ' padded ', '값', '\ufeff']],
  ['durable', ['true']],
  ['selector', ["a = 'b'"]],
];

/** One of them. @param {import('./random.mjs').Random} random @returns {[string, string]} */
export function header(random) {
  const [name, values] = random.pick(HEADERS);
  return [name, random.pick(values)];
}
