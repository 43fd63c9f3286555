import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeFrame } from '../../../broker/stomp/encoder.ts';
import { type Header, serverFrame } from '../../../broker/stomp/frame.ts';
import { STOMP_VERSIONS, type StompVersion } from '../../../broker/stomp/version.ts';
import { decodeAll } from './decode-all.ts';

/** Characters with a meaning in a frame, and names that would do harm. */
const harm = fc.constantFrom(
  ...['\\', ':', '\n', '\r', '\0', ' ', '\t', 'c', 'n', 'r', '한', '😀'],
  ...['content-length', 'destination', '\n\nbody\0', '\nMESSAGE\n'],
);
const text = fc.array(harm, { maxLength: 6 }).map((parts) => parts.join(''));
const header: fc.Arbitrary<Header> = fc.tuple(
  text.filter((name) => name !== '' && name !== 'content-length'),
  text,
);
const headers = fc.array(header, { maxLength: 5 });
const body = fc.uint8Array({ maxLength: 20 }).map((octets) => Buffer.from(octets));

/** Decodes a frame of the server's as a client's command, as the decoder knows no others. */
function readBack(sent: readonly Header[], bytes: Buffer, version: StompVersion) {
  const encoded = encodeFrame(serverFrame('MESSAGE', sent, bytes), version);
  const asSend = Buffer.concat([Buffer.from('SEND'), encoded.subarray('MESSAGE'.length)]);
  return decodeAll([asSend], version);
}

function lengthHeader(bytes: Buffer): Header[] {
  return bytes.length > 0 ? [['content-length', String(bytes.length)]] : [];
}

describe('decoding what was encoded', () => {
  test.each(['1.1', '1.2'] as const)(
    'gives back names, values and body in %s, but for what it cannot say in a header',
    (version) => {
      fc.assert(
        fc.property(headers, body, (sent, bytes) => {
          const frames = readBack(sent, bytes, version);

          const unsayable = version === '1.1' ? /[\0\r]/ : /\0/;
          const sayable = sent.filter(([name]) => !unsayable.test(name));
          const said = sayable.map(([name, value]) => [name, value.replaceAll('\0', ' ')]);
          expect(frames).toEqual([
            { command: 'SEND', headers: [...said, ...lengthHeader(bytes)], body: bytes },
          ]);
        }),
        { numRuns: 300 },
      );
    },
  );

  test('gives back what 1.0 can say, line ends as spaces and trimmed', () => {
    fc.assert(
      fc.property(headers, body, (sent, bytes) => {
        const frames = readBack(sent, bytes, '1.0');

        const sayable = sent.filter(([name]) => !/[:\r\n\0]/.test(name) && name === name.trim());
        const said = sayable.map(([name, value]) => [name, value.replace(/[\r\n\0]/g, ' ').trim()]);
        expect(frames).toEqual([
          { command: 'SEND', headers: [...said, ...lengthHeader(bytes)], body: bytes },
        ]);
      }),
      { numRuns: 300 },
    );
  });

  test.each(STOMP_VERSIONS)('gives as many lines as there are headers in %s', (version) => {
    const harmless = fc.array(fc.tuple(fc.constantFrom('x', 'y'), text), { maxLength: 5 });

    fc.assert(
      fc.property(harmless, (sent) => {
        const encoded = encodeFrame(serverFrame('MESSAGE', sent), version).toString();

        expect(encoded.split('\n')).toHaveLength(sent.length + 3);
      }),
      { numRuns: 200 },
    );
  });
});
