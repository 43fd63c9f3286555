import { describe, expect, test } from '@jest/globals';
import { FrameDecoder } from '../../../broker/stomp/decoder.ts';
import type { ClientCommand } from '../../../broker/stomp/frame.ts';
import { CLIENT_COMMANDS } from '../../../broker/stomp/frame.ts';
import type { StompVersion } from '../../../broker/stomp/version.ts';
import { CUTS, decodeAll, errorOf, ROOMY } from './decode-all.ts';

describe.each(CUTS)('bodies, fed %s', (_how, cut) => {
  const decode = (text: string | Buffer, version: StompVersion | null = '1.2') =>
    decodeAll(cut(Buffer.from(text)), version);
  const bodiesOf = (text: string | Buffer, version?: StompVersion) =>
    decode(text, version).map(({ body }) => body.toString());

  test('a body without content-length ends at the first NUL', () => {
    expect(bodiesOf('SEND\n\na\nb\0SEND\n\nc\0')).toEqual(['a\nb', 'c']);
  });

  test('a body with content-length may hold NULs', () => {
    expect(bodiesOf('SEND\ncontent-length:5\n\na\0b\0c\0\nSEND\n\nd\0')).toEqual(['a\0b\0c', 'd']);
  });

  test('a body of length 0 is empty', () => {
    expect(bodiesOf('SEND\ncontent-length:0\n\n\0SEND\n\nd\0')).toEqual(['', 'd']);
  });

  test('a body may begin with line ends', () => {
    expect(bodiesOf('SEND\n\n\n\r\n\0SEND\ncontent-length:2\n\n\n\n\0')).toEqual([
      '\n\r\n',
      '\n\n',
    ]);
  });

  test('content-length counts octets, not characters', () => {
    expect(bodiesOf('SEND\ncontent-length:10\n\n한글😀\0')).toEqual(['한글😀']);
  });

  test('content-length in characters is refused', () => {
    const error = errorOf(() => decode('SEND\ncontent-length:4\n\n한글😀\0'));

    expect(error.code).toBe('BODY_NOT_TERMINATED');
  });

  test('octets that are no UTF-8 are kept', () => {
    const octets = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
    const bytes = Buffer.concat([
      Buffer.from('SEND\ncontent-length:256\n\n'),
      octets,
      Buffer.of(0),
    ]);

    expect(decode(bytes)[0]?.body).toEqual(octets);
  });

  test('the NUL after content-length octets is still required', () => {
    expect(errorOf(() => decode('SEND\ncontent-length:2\n\nabc\0')).code).toBe(
      'BODY_NOT_TERMINATED',
    );
  });

  test('of several content-lengths the first counts', () => {
    const text = 'SEND\ncontent-length:3\ncontent-length:1\n\na\0b\0';

    expect(bodiesOf(text)).toEqual(['a\0b']);
  });

  test('content-length may have spaces around it', () => {
    expect(bodiesOf('SEND\ncontent-length: 3 \n\na\0b\0')).toEqual(['a\0b']);
  });

  test.each(['', '-1', '+1', '1.0', '1e2', '0x10', 'ten', '1 2', '9'.repeat(16)])(
    'content-length %j is refused',
    (length) => {
      const error = errorOf(() => decode(`SEND\ncontent-length:${length}\n\na\0`));

      expect(error).toMatchObject({
        code: 'BAD_CONTENT_LENGTH',
        detail: JSON.stringify(length),
      });
    },
  );

  const others = CLIENT_COMMANDS.filter((command) => command !== 'SEND');

  test.each(others)('a body of %s is refused', (command: ClientCommand) => {
    for (const version of ['1.1', '1.2'] as const) {
      const error = errorOf(() => decode(`${command}\n\nx\0`, version));

      expect(error).toMatchObject({ code: 'BODY_NOT_ALLOWED', detail: command });
    }
  });

  test('a body of CONNECT is refused where the CONNECT asks for 1.1 or 1.2', () => {
    const connect = 'CONNECT\naccept-version:1.0,1.2\n\nx\0';

    expect(errorOf(() => decode(connect, null)).code).toBe('BODY_NOT_ALLOWED');
  });

  test.each(['CONNECT\n\nx\0', 'CONNECT\naccept-version:1.0\n\n\n\0'])(
    'the body of a CONNECT that asks for 1.0 is let through (%j)',
    (connect) => {
      expect(decode(connect, null)).toHaveLength(1);
    },
  );

  test('a long body that must not be there is refused before it has come', () => {
    const head = 'SUBSCRIBE\nid:1\ndestination:/topic/a\ncontent-length:8511\n\n';

    expect(errorOf(() => decode(head)).code).toBe('BODY_NOT_ALLOWED');
  });

  test.each(['\n', '\r\n'])('a body of %j alone is no body', (body) => {
    const head = 'UNSUBSCRIBE\nid:1';
    const frames = [
      ...decode(`${head}\n\n${body}\0`),
      ...decode(`${head}\ncontent-length:${body.length}\n\n${body}\0`),
    ];

    expect(frames.map((frame) => frame.body.length)).toEqual([0, 0]);
  });

  test('any frame may have a content-length of 0', () => {
    expect(decode('SUBSCRIBE\ncontent-length:0\n\n\0')).toHaveLength(1);
  });

  test('a body of any frame is let through in 1.0, which ignores it', () => {
    expect(bodiesOf('SUBSCRIBE\n\nx\0', '1.0')).toEqual(['x']);
  });
});

describe('a body', () => {
  test('does not change when the chunk it came in does', () => {
    const decoder = new FrameDecoder(ROOMY);
    const chunk = Buffer.from('SEND\n\nhello\0');
    decoder.push(chunk);

    const frame = decoder.next();
    chunk.fill(0x78);

    expect(frame?.body.toString()).toBe('hello');
  });
});
