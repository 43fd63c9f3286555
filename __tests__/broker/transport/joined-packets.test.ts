// A packet that is joined from heads and shared tails has the same bytes as the same frames, each
// wrapped as a whole.

import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packetBytes, type WireEncoding, wholePacket } from '../../../broker/packet.ts';
import { wireEncodings } from '../../support/wire-client.ts';

const LARGE = 20_000;

let encodings: readonly WireEncoding[] = [];

beforeAll(async () => {
  encodings = await wireEncodings();
});

interface Parts {
  readonly body: Buffer;
  readonly head: string;
  readonly lines: string;
}

const anyBody = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
  fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => {
    return Buffer.from(text.repeat(1 + LARGE / text.length));
  }),
  fc.constant(Buffer.alloc(70_000, 'x')),
);

const anyFrame: fc.Arbitrary<Parts> = fc.record({
  body: anyBody,
  head: fc.string({ unit: 'binary', maxLength: 300 }),
  lines: fc.string({ unit: 'binary', maxLength: 300 }),
});

function wholeOf({ body, head, lines }: Parts): Buffer {
  return Buffer.concat([Buffer.from(head), Buffer.from(lines), body, Buffer.of(0)]);
}

describe('on each wire, frames that are joined', () => {
  test.each([0, 1, 2, 3])('have the bytes of whole ones, on wire %i', (wire) => {
    const encoding = encodings[wire];
    if (encoding === undefined) throw new Error('there are four');
    fc.assert(
      fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 5 }), (all) => {
        // The body is omitted where the wire cannot carry it.
        const frames = encoding.isTextOnly
          ? all.map((one) => ({ ...one, body: Buffer.from(one.body.toString()) }))
          : all;
        const tails = frames.map(({ body, lines }) => encoding.prepare(lines, body));

        // A second time, as for the next subscription id.
        for (const id of ['', 'MESSAGE\nsubscription:다른\n']) {
          const split = frames.map(({ head }, at) => {
            const tail = tails[at];
            if (tail === undefined) throw new Error('there is one for each');
            return { head: id + head, tail };
          });
          const packet = encoding.join(split);
          const whole = frames.map((one) => wholeOf({ ...one, head: id + one.head }));

          const expected = wholePacket(encoding.wrap(whole));
          expect(wholePacket(packet).equals(expected)).toBe(true);
          expect(packetBytes(packet)).toBe(expected.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([0, 1, 2])('are the same octets in memory where they are large, on wire %i', (wire) => {
    const encoding = encodings[wire];
    if (encoding === undefined) throw new Error('there are four');
    const tail = encoding.prepare('\n', Buffer.alloc(1 << 20, '"'));

    const packets = ['a', 'b'].map((head) => encoding.join([{ head, tail }]));

    const large = packets.map((packet) =>
      Array.isArray(packet) ? packet.filter(({ length }) => length > LARGE) : [],
    );
    expect(large[0]).toHaveLength(1);
    expect(large[1]?.[0]).toBe(large[0]?.[0]);
  });

  test.each([0, 1, 2])('are one buffer where they are small, on wire %i', (wire) => {
    const encoding = encodings[wire];
    if (encoding === undefined) throw new Error('there are four');
    const tail = encoding.prepare('\n', Buffer.from('hello'));

    const packet = encoding.join([
      { head: 'a', tail },
      { head: 'b', tail },
    ]);

    expect(Buffer.isBuffer(packet)).toBe(true);
  });
});
