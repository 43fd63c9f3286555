// Mutations of a conversation: of its frames before they are encoded, most of which the broker still
// understands, and of the octets, most of which it does not.

import * as words from './words.mjs';

/**
 * @typedef {import('./random.mjs').Random} Random
 * @typedef {import('./conversation.mjs').Spoken} Spoken
 */

const COMMANDS = [
  ...['CONNECT', 'STOMP', 'SEND', 'SUBSCRIBE', 'UNSUBSCRIBE', 'ACK', 'NACK', 'BEGIN', 'COMMIT'],
  ...['ABORT', 'DISCONNECT', 'MESSAGE', 'send', 'SENDING', ' SEND', '', 'X'.repeat(40)],
];

/** @type {((random: Random, frames: Spoken[], at: number, other: Spoken[]) => void)[]} */
const ON_FRAMES = [
  (_random, frames, at) => void frames.splice(at, 0, frames[at]),
  (_random, frames, at) => void frames.splice(at, 1),
  (random, frames, at) => {
    const other = random.below(frames.length);
    [frames[at], frames[other]] = [frames[other], frames[at]];
  },
  (random, frames, at, other) => void frames.splice(at, 0, random.pick(other)),
  (random, frames, at) => changed(frames, at, { command: random.pick(COMMANDS) }),
  (random, frames, at) => changed(frames, at, { body: words.body(random) }),
  (random, frames, at) => changed(frames, at, { body: words.chatBody(random) }),
  (random, frames, at) => changed(frames, at, { hasLength: random.chance(0.5) }),
  ...Array.from({ length: 5 }, () => (random, frames, at) => {
    const headers = mutatedHeaders(random, frames[at].headers);
    changed(frames, at, { headers });
  }),
];

/**
 * The frames with one thing changed; a CONNECT that comes first is mostly spared.
 *
 * @param {Random} random
 * @param {readonly Spoken[]} frames
 * @param {readonly Spoken[]} other another conversation, to take from
 */
export function mutateFrames(random, frames, other) {
  const result = [...frames];
  if (result.length > 0) random.pick(ON_FRAMES)(random, result, placeIn(random, result), other);
  return result;
}

function mutatedHeaders(random, headers) {
  const result = [...headers];
  const at = random.below(result.length + 1);
  const fresh = random.chance(0.3)
    ? ['destination', words.destination(random)]
    : words.header(random);
  const left = random.chance(0.5) ? 1 : 0;
  result.splice(at, left, ...(random.chance(0.7) ? [fresh] : []));
  return result;
}

function changed(frames, at, what) {
  frames[at] = { ...frames[at], ...what };
}

/** Octets that a decoder gives a meaning to. */
const TELLING = [
  ...[
    '\0',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    ':',
    '\\',
    '\\t',
    '\\r',
    '\\c',
    '\0\0',
    '\n\0',
    '\n\n\0',
    '\0SEND\n',
  ],
  ...[
    'content-length:3\n',
    'content-length:99999\n',
    'receipt:x\n',
    '\ufeff',
    '\u2028',
    '한',
    '🦊',
  ],
].map((text) => Buffer.from(text));
const NOT_UTF8 = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf5, 0x80], [0xc0, 0x80]].map((octets) =>
  Buffer.from(octets),
);

/** @type {((random: Random, octets: Buffer, other: Buffer) => Buffer)[]} */
const ON_OCTETS = [
  (random, octets) => {
    const copy = Buffer.from(octets);
    copy[random.below(copy.length)] ^= 1 << random.below(8);
    return copy;
  },
  (random, octets) => replaced(octets, rangeIn(random, octets), Buffer.alloc(0)),
  (random, octets) => inserted(random, octets, random.bytes(random.between(1, 4))),
  (random, octets) => inserted(random, octets, random.pick(TELLING)),
  (random, octets) => inserted(random, octets, random.pick(TELLING)),
  (random, octets) => inserted(random, octets, random.pick(NOT_UTF8)),
  (random, octets) => {
    const { from, to } = rangeIn(random, octets);
    return replaced(octets, { from: to, to }, octets.subarray(from, to));
  },
  (random, octets) => octets.subarray(0, random.below(octets.length)),
  (random, octets, other) => {
    const { from, to } = rangeIn(random, other);
    return replaced(octets, rangeIn(random, octets), other.subarray(from, to));
  },
  (random, octets) => afterCommand(octets, `content-length:${random.below(octets.length * 2)}\n`),
  (random, octets) => afterCommand(octets, `x:${'y'.repeat(random.between(1_000, 1_040))}\n`),
  (random, octets) => afterCommand(octets, 'h:1\n'.repeat(random.between(1, 60))),
  (_random, octets) => Buffer.from(octets.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
];

/**
 * The frames' octets with one thing changed in one of them.
 *
 * @param {Random} random
 * @param {readonly Buffer[]} pieces
 */
export function mutateOctets(random, pieces) {
  if (pieces.length === 0) return [...pieces];
  const at = placeIn(random, pieces);
  const other = random.pick(pieces);
  const filled = (octets) => (octets.length === 0 ? Buffer.of(10) : octets);
  const change = random.pick(ON_OCTETS);
  return pieces.with(at, change(random, filled(pieces[at]), filled(other)));
}

/** Nothing that was ever a frame. @param {Random} random */
export function garbage(random) {
  const length = random.between(1, 20);
  return Array.from({ length }, () =>
    random.chance(0.5) ? random.bytes(random.between(1, 30)) : random.pick(TELLING),
  );
}

function placeIn(random, list) {
  const first = list.length > 1 && random.chance(0.9) ? 1 : 0;
  return random.between(first, list.length - 1);
}

function rangeIn(random, octets) {
  const from = random.below(octets.length);
  return { from, to: Math.min(octets.length, from + random.between(1, random.pick([2, 8, 200]))) };
}

function inserted(random, octets, what) {
  const at = random.below(octets.length + 1);
  return replaced(octets, { from: at, to: at }, what);
}

function replaced(octets, { from, to }, what) {
  return Buffer.concat([octets.subarray(0, from), what, octets.subarray(to)]);
}

function afterCommand(octets, text) {
  const at = octets.indexOf(10) + 1;
  return replaced(octets, { from: at, to: at }, Buffer.from(text));
}
