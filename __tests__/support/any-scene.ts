// What clients and the server do in a broker, at random: who sits where, what is said, who joins
// later and where in the history, who leaves.

import fc from 'fast-check';
import { STOMP_VERSIONS, type StompVersion } from '../../broker/stomp/version.ts';
import type { HeaderPairs } from './wire-client.ts';

const KIB = 1_024;
export const ROOMS = ['/topic/chat/room/7', '/topic/chat/room/Hall_2'];
const TOPICS = ['/topic/plain', '/topic/a:b\\c ünï', '/topic/p/one', '/topic/p/zwei\\'];
const PLACES = [...ROOMS, ...ROOMS, ...TOPICS, '/topic/p/*', '/user/queue/x'];
export const TARGETS = [...ROOMS, ...ROOMS, ...TOPICS, '/user/ada/queue/x'];

const HEADER_NAMES = [
  ...[
    'x',
    'a:b',
    'back\\slash',
    'new\nline',
    're\rturn',
    'ümläut',
    ' padded ',
    'nul\0',
    'content-type',
  ],
  // The broker's own, which no sender has a say in.
  ...[
    'ack',
    ' ack',
    'subscription',
    'message-id',
    'x-stream-offset',
    'redelivered',
    'x-body-omitted',
  ],
];

export interface Saying {
  readonly type: 'say';
  readonly body: Uint8Array;
  readonly count: number;
  readonly headers: HeaderPairs;
  readonly isEphemeral: boolean;
  /** By a client, and not by the server. */
  readonly isSent: boolean;
  readonly target: string;
}

/** A member whose copy of each MESSAGE has the same bytes as that of others in the same seat. */
export interface Seat {
  readonly ack: 'client' | 'client-individual';
  readonly id: string | null;
  readonly place: string;
  readonly version: StompVersion;
  /** Its RECEIPT, and what follows it, has to wait for a commit. */
  readonly waits: boolean;
  readonly window: '0' | '1' | '3';
  /** One of four. */
  readonly wire: number;
}

export type Step =
  | Saying
  | { readonly type: 'turn' }
  | {
      readonly type: 'join';
      readonly seat: number;
      readonly start: string;
      /** What its socket takes at a time; `null`: as much as there is. */
      readonly roomBytes: number | null;
    }
  | { readonly type: 'leave'; readonly how: 'lost' | 'unsubscribes'; readonly who: number };

export const anyText = fc
  .oneof(
    { weight: 3, arbitrary: fc.string({ maxLength: 8, unit: 'binary' }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('', ':', '\\', '\\c', 'a\nb', 'a\rb\r', ' ', '0', 'ä€😀'),
    },
  )
  .map((text) => text.replaceAll('\0', ''));

const anyBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.string({ maxLength: 20, unit: 'binary' }).map((text) => Buffer.from(text)),
  },
  { weight: 2, arbitrary: fc.constant(Buffer.alloc(0)) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('\0', '\0\0x\0', '\n\0\n', 'a\n\nb')
      .map((text) => Buffer.from(text)),
  },
  // Around where the length of a WebSocket message, and a page of the history, are cut.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(40, 125, 65_400), fc.nat(90))
      .map(([base, more]) => Buffer.alloc(base + more, 'ab"')),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('y', '\\', '"', '\u00ff')
      .map((fill) => Buffer.alloc(200 * KIB, fill, 'latin1')),
  },
);

const saying: fc.Arbitrary<Saying> = fc
  .record({
    type: fc.constant('say' as const),
    body: anyBody,
    count: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) },
      { weight: 1, arbitrary: fc.integer({ min: 20, max: 90 }) },
    ),
    headers: fc.array(
      fc.tuple(
        fc.oneof(
          fc.constantFrom(...HEADER_NAMES),
          anyText.filter((text) => text !== ''),
        ),
        anyText,
      ),
      { maxLength: 4 },
    ),
    isEphemeral: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.boolean()),
    isSent: fc.boolean(),
    target: fc.constantFrom(...TARGETS),
  })
  .map((one) => (one.body.length > 10 * KIB ? { ...one, count: Math.min(one.count, 3) } : one));

const anySeat: fc.Arbitrary<Seat> = fc
  .record({
    ack: fc.constantFrom('client', 'client-individual'),
    id: fc.option(anyText, { freq: 3 }),
    place: fc.constantFrom(...PLACES),
    version: fc.constantFrom(...STOMP_VERSIONS),
    waits: fc.boolean(),
    window: fc.constantFrom('0', '0', '1', '3'),
    wire: fc.nat(3),
  })
  .map((one) => ({ ...one, id: sayable(one.id, one.version) }));

/** Some of them where the first one is, under the same id, as most clients of a room are. */
export const anySeats: fc.Arbitrary<readonly Seat[]> = fc
  .array(fc.tuple(anySeat, fc.boolean()), { minLength: 1, maxLength: 3 })
  .map((seats) =>
    seats.map(([seat, isByTheFirst]) => {
      const { id, place } = isByTheFirst ? (seats[0]?.[0] ?? seat) : seat;
      return { ...seat, id: sayable(id, seat.version), place };
    }),
  );

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: saying },
  { weight: 3, arbitrary: fc.constant({ type: 'turn' } as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('join' as const),
      seat: fc.nat(2),
      start: fc.constantFrom(
        'first',
        'first',
        'first',
        'next',
        'last=1',
        'last=70',
        'offset=1',
        'offset=5',
        'offset=65',
      ),
      roomBytes: fc.constantFrom(null, null, 1, 300, 5_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('leave' as const),
      how: fc.constantFrom('lost', 'unsubscribes'),
      who: fc.nat(3),
    }),
  },
);

/** An id that this version can say, and say again. */
function sayable(id: string | null, version: StompVersion): string | null {
  if (version === '1.0') return id?.replace(/[\n\r]/g, '').trim() ?? null;
  return id ?? 'none';
}
