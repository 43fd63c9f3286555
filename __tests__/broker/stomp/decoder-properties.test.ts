import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameDecoder } from '../../../broker/stomp/decoder.ts';
import { ProtocolError } from '../../../broker/stomp/errors.ts';
import { escapeHeader } from '../../../broker/stomp/escape.ts';
import type { ClientFrame } from '../../../broker/stomp/frame.ts';
import { CLIENT_COMMANDS } from '../../../broker/stomp/frame.ts';
import { STOMP_VERSIONS, type StompVersion } from '../../../broker/stomp/version.ts';
import { decodeAll, frame, framesOf, ROOMY } from './decode-all.ts';

const TIGHT = { bodyBytes: 40, headerBytes: 20, headerCountMax: 3 };

/** Parts of lines that let random input get far into the decoder. */
const telling = fc.constantFrom(
  ...['SEND\n', 'SUBSCRIBE\r\n', 'CONNECT\n', 'content-length:3\n', 'receipt:1\n', 'x:\\c\n'],
  ...['\n', '\r', '\r\n', '\0', ':', '\\', '\\r', 'abc', 'content-length:', '한', 'a'.repeat(21)],
);
const piece = fc.oneof(
  { arbitrary: telling.map((text) => Buffer.from(text)), weight: 4 },
  { arbitrary: fc.uint8Array({ maxLength: 8 }).map((octets) => Buffer.from(octets)), weight: 1 },
);
const anyVersion = fc.constantFrom(null, ...STOMP_VERSIONS);

/** Text that is valid UTF-8, mostly of characters with a meaning in a header. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\\', ':', '\n', '\r', 'c', 'n', ' '),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 8,
});
const name = text.filter((said) => said !== '' && said !== 'content-length');
const sent = fc.record({
  headers: fc.array(fc.tuple(name, text), { maxLength: 4 }),
  body: fc.uint8Array({ maxLength: 30 }).map((octets) => Buffer.from(octets)),
  eols: fc.array(fc.constantFrom('\n', '\r\n'), { maxLength: 2 }).map((eols) => eols.join('')),
});
type Sent = typeof sent extends fc.Arbitrary<infer T> ? T : never;

/** A client's encoder. It always adds content-length, so that a body may contain a NUL. */
function wireOf({ headers, body, eols }: Sent, version: StompVersion): Buffer {
  const lines = headers.map(
    ([key, value]) => `${escapeHeader(key, version)}:${escapeHeader(value, version)}\n`,
  );
  const head = `SEND\n${lines.join('')}content-length:${body.length}\n\n`;
  return Buffer.concat([Buffer.from(head), body, Buffer.from(`\0${eols}`)]);
}

function cutAt(bytes: Buffer, points: readonly number[]): Buffer[] {
  const cuts = [...points.map((point) => point % (bytes.length + 1)), bytes.length];
  let from = 0;
  return cuts
    .sort((one, other) => one - other)
    .map((to) => {
      const cut = bytes.subarray(from, to);
      from = to;
      return cut;
    });
}

function outcomeOf(pieces: readonly Buffer[], version: StompVersion | null) {
  const decoder = new FrameDecoder(TIGHT);
  if (version !== null) decoder.speak(version);
  const frames: ClientFrame[] = [];
  try {
    for (const bytes of pieces) {
      decoder.push(bytes);
      for (let next = decoder.next(); next !== null; next = decoder.next()) frames.push(next);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const { code, receiptId } = error;
    return { frames, error: { code, receiptId } };
  }
  return { frames, error: null, waits: decoder.isMidFrame };
}

describe('whatever comes', () => {
  test('any bytes are frames, or a ProtocolError and nothing else', () => {
    const bytes = fc.array(piece, { maxLength: 20 });

    fc.assert(
      fc.property(bytes, anyVersion, (pieces, version) => {
        for (const { command, headers, body } of outcomeOf(pieces, version).frames) {
          expect(CLIENT_COMMANDS).toContain(command);
          expect(headers.length).toBeLessThanOrEqual(TIGHT.headerCountMax);
          expect(body.length).toBeLessThanOrEqual(TIGHT.bodyBytes);
        }
      }),
      { numRuns: 800 },
    );
  });

  test('any bytes mean the same, whole or byte by byte', () => {
    const bytes = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));

    fc.assert(
      fc.property(bytes, anyVersion, (all, version) => {
        const single = Array.from(all, (octet) => Buffer.of(octet));

        expect(outcomeOf(single, version)).toEqual(outcomeOf([all], version));
      }),
      { numRuns: 800 },
    );
  });

  test('less than a whole frame never throws and never gives one', () => {
    fc.assert(
      fc.property(sent, fc.nat(), (one, point) => {
        const bytes = wireOf({ ...one, eols: '' }, '1.2');

        expect(decodeAll([bytes.subarray(0, point % bytes.length)])).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('frames that are encoded and cut at any points', () => {
  test.each(['1.1', '1.2'] as const)('decode to the same frames in %s', (version) => {
    // 1.1 has no escape for a carriage return, and a raw one is not allowed in a name.
    const isSayable = ({ headers }: Sent) =>
      version !== '1.1' || headers.every(([key]) => !key.includes('\r'));
    const frames = fc.array(sent.filter(isSayable), { maxLength: 5 });

    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 12 }), (all, points) => {
        const bytes = Buffer.concat(all.map((one) => wireOf(one, version)));

        const decoded = decodeAll(cutAt(bytes, points), version);

        expect(decoded).toEqual(
          all.map(({ headers, body }) =>
            frame('SEND', [...headers, ['content-length', String(body.length)]], body),
          ),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('decode to the same frames when they are read late', () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 4 }), fc.array(fc.nat()), (all, points) => {
        const bytes = Buffer.concat(all.map((one) => wireOf(one, '1.2')));
        const decoder = new FrameDecoder(ROOMY);
        decoder.speak('1.2');

        for (const cut of cutAt(bytes, points)) decoder.push(cut);

        expect(framesOf(decoder)).toEqual(decodeAll([bytes]));
      }),
      { numRuns: 150 },
    );
  });
});
