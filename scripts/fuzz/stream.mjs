// A stream is all that one connection says, how it is cut, over what it goes and how it ends. It
// follows from the seed and its id alone.

import { conversation } from './conversation.mjs';
import { garbage, mutateFrames, mutateOctets } from './mutations.mjs';
import { Random } from './random.mjs';
import { wireOf } from './wire.mjs';

/**
 * @typedef {'websocket' | 'sockjs' | 'xhr' | 'xhr_streaming' | 'tcp'} LineName
 *
 * @typedef {object} Step what is written at once
 * @property {Buffer | string} chunk a string where the line carries nothing else
 * @property {number} frames how many end in it
 * @property {boolean} waits for an answer, as it refers to one
 * @property {string[]} receipts that its frames ask for, if nothing is wrong with the conversation
 *
 * @typedef {object} Stream
 * @property {string} id
 * @property {LineName} line
 * @property {Step[]} steps
 * @property {boolean} isSound nothing is wrong with the conversation, and it says goodbye: all its
 *   receipts must come
 * @property {'drop' | 'reset' | 'end' | 'quiet' | 'stay' | 'deaf'} ending
 * @property {number} saysUntil so many steps are written before the end
 * @property {{ at: number, dice: Random } | null} broken the line itself, before this step
 */

const LINES = /** @type {const} */ ([
  [7, 'websocket'],
  [5, 'sockjs'],
  [1, 'xhr'],
  [1, 'xhr_streaming'],
  [7, 'tcp'],
]);

/** Ways in which a stream ends; `quiet` waits until nothing more arrives. */
const ENDINGS = /** @type {const} */ ([
  [12, 'drop'],
  [4, 'reset'],
  [12, 'end'],
  [70, 'quiet'],
  [1, 'stay'],
  [1, 'deaf'],
]);

const DEPTHS = [
  [20, { onFrames: [0, 0], onOctets: [0, 0] }],
  [30, { onFrames: [1, 3], onOctets: [0, 0] }],
  [25, { onFrames: [0, 0], onOctets: [1, 1] }],
  [17, { onFrames: [1, 6], onOctets: [1, 2] }],
  [6, { onFrames: [5, 30], onOctets: [5, 30] }],
  [2, null],
];

/**
 * @param {number | string} seed
 * @param {number | string} id a number, or the number of a stream and what changed in it since
 *   then: `17.3.9` is stream 17 with the changes 3 and 9
 * @param {readonly LineName[]} lines those that may be used
 * @returns {Stream}
 */
export function streamOf(seed, id, lines) {
  const [number, ...changes] = String(id).split('.');
  const random = new Random(seed, number);
  const line = random.weighted(LINES.filter(([, name]) => lines.includes(name)));
  const dice = changes.map((change) => new Random(seed, number, change));
  const { pieces, isSound, isFlood } = saidIn(random, dice);
  const isText = line !== 'websocket' && line !== 'tcp';
  const cut = isFlood ? 'one frame a chunk' : cutOf(random, pieces);
  const steps = stepsOf(random, isText ? pieces.map(textOf) : pieces, cut);
  const isCutOff = random.chance(0.05);
  const isBroken = random.chance(0.04);
  return {
    id: String(id),
    line,
    steps,
    isSound: isSound && !isCutOff && !isBroken,
    ending: isFlood ? 'deaf' : random.weighted(ENDINGS),
    saysUntil: isCutOff ? random.below(steps.length + 1) : steps.length,
    broken: isBroken ? { at: random.below(steps.length + 1), dice: random } : null,
  };
}

function saidIn(random, changes) {
  const depth = random.weighted(DEPTHS);
  if (depth === null)
    return { pieces: garbage(random).map(octetsOf), isSound: false, isFlood: false };
  const { version, frames, isFlood } = conversation(random);
  let spoken = frames;
  // A flood must come through to its end.
  const onFrames = isFlood ? 0 : random.between(...depth.onFrames);
  const onOctets = isFlood ? 0 : random.between(...depth.onOctets);
  if (onFrames + changes.length > 0) {
    const other = conversation(random).frames;
    for (let left = onFrames; left > 0; left -= 1) spoken = mutateFrames(random, spoken, other);
    for (const change of changes) spoken = mutateFrames(change, spoken, other);
  }
  let octets = spoken.map((frame) => wireOf(frame, version));
  for (let left = onOctets; left > 0; left -= 1) octets = mutateOctets(random, octets);
  const isSound = onFrames + onOctets + changes.length === 0;
  const pieces = octets.map((bytes, at) => {
    const receipt = isSound ? headerOf(spoken[at], 'receipt') : undefined;
    return { bytes, waits: spoken[at].waits === true, receipt };
  });
  return { pieces, isSound: isSound && pieces.at(-1)?.receipt === 'bye', isFlood };
}

function headerOf({ headers }, name) {
  return headers.find(([key]) => key === name)?.[1];
}

function octetsOf(bytes) {
  return { bytes, waits: false };
}

function textOf(piece) {
  return { ...piece, bytes: piece.bytes.toString('utf8') };
}

function cutOf(random, pieces) {
  const octets = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return random.weighted([
    [5, 'one frame a chunk'],
    [3, 'several frames a chunk'],
    [3, 'anywhere'],
    [octets < 500 ? 1 : 0, 'an octet a chunk'],
  ]);
}

function stepsOf(random, pieces, how) {
  const length = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const cuts = new Set([0, length]);
  const waits = new Set();
  let at = 0;
  for (const piece of pieces) {
    if (how === 'one frame a chunk' || (how === 'several frames a chunk' && random.chance(0.2))) {
      cuts.add(at);
    }
    if (piece.waits && random.chance(0.9)) {
      // Alone, so that it can be left out if there is nothing that it could refer to.
      cuts.add(at).add(at + piece.bytes.length);
      waits.add(at);
    }
    at += piece.bytes.length;
  }
  if (how === 'anywhere') {
    for (let left = random.between(1, 12); left > 0; left -= 1) cuts.add(random.below(length + 1));
  }
  if (how === 'an octet a chunk') for (let cut = 1; cut < length; cut += 1) cuts.add(cut);
  return cutInto(
    pieces,
    [...cuts].sort((one, other) => one - other),
    waits,
  );
}

function cutInto(pieces, cuts, waits) {
  const parts = pieces.map(({ bytes }) => bytes);
  const all = typeof parts[0] === 'string' ? parts.join('') : Buffer.concat(parts);
  let sum = 0;
  const ending = pieces.map(({ bytes, receipt }) => {
    sum += bytes.length;
    return { end: sum, receipt };
  });
  const steps = [];
  for (const [at, from] of cuts.entries()) {
    const to = cuts[at + 1];
    if (to === undefined) break;
    const ended = [];
    while (ending[0]?.end <= to) ended.push(ending.shift());
    const receipts = ended.map(({ receipt }) => receipt).filter((id) => id !== undefined);
    const chunk = all.slice(from, to);
    steps.push({ chunk, frames: ended.length, waits: waits.has(from), receipts });
  }
  return steps;
}
