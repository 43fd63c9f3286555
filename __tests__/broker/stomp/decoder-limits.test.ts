import { describe, expect, test } from '@jest/globals';
import { FrameDecoder } from '../../../broker/stomp/decoder.ts';
import type { StompVersion } from '../../../broker/stomp/version.ts';
import { CUTS, decodeAll, errorOf, framesOf } from './decode-all.ts';

const TIGHT = { bodyBytes: 10, headerBytes: 20, headerCountMax: 3 };

describe.each(CUTS)('the limits, fed %s', (_how, cut) => {
  const decode = (text: string | Buffer, version: StompVersion | null = '1.2') =>
    decodeAll(cut(Buffer.from(text)), version, TIGHT);
  const codeOf = (text: string | Buffer) => errorOf(() => decode(text)).code;

  test('a command of more than 32 octets is refused, its line end or not', () => {
    expect(codeOf(`${'S'.repeat(33)}\n`)).toBe('UNKNOWN_COMMAND');
    expect(codeOf('S'.repeat(34))).toBe('UNKNOWN_COMMAND');
    expect(codeOf('SS')).toBe('UNKNOWN_COMMAND');
  });

  test('what no command begins with is refused before its line ends', () => {
    expect(codeOf('X')).toBe('UNKNOWN_COMMAND');
    expect(codeOf(Buffer.of(0x80))).toBe('UNKNOWN_COMMAND');
  });

  test.each(['1.0', '1.1', '1.2'] as const)(
    'a header line may be at its limit in %s',
    (version) => {
      const [frame] = decode(`SEND\nx:${'a'.repeat(18)}\n\n\0`, version);

      expect(frame?.headers).toEqual([['x', 'a'.repeat(18)]]);
    },
  );

  test('the CR of the line end does not count', () => {
    const [frame] = decode(`SEND\r\nx:${'a'.repeat(18)}\r\n\r\n\0`);

    expect(frame?.headers).toEqual([['x', 'a'.repeat(18)]]);
  });

  test('a header line of one octet more is refused', () => {
    expect(codeOf(`SEND\nx:${'a'.repeat(19)}\n\n\0`)).toBe('HEADER_TOO_LONG');
    expect(codeOf(`SEND\nx:${'a'.repeat(19)}\r\n\n\0`)).toBe('HEADER_TOO_LONG');
  });

  test('a header line counts in octets', () => {
    expect(decode(`SEND\nx:${'글'.repeat(6)}\n\n\0`)).toHaveLength(1);
    expect(codeOf(`SEND\nx:${'글'.repeat(7)}\n\n\0`)).toBe('HEADER_TOO_LONG');
  });

  test('a frame may have as many headers as the limit', () => {
    expect(decode('SEND\na:1\nb:2\nc:3\n\n\0')).toHaveLength(1);
  });

  test('one header more is refused, repeats included', () => {
    expect(codeOf('SEND\na:1\na:2\na:3\na:4\n\n\0')).toBe('TOO_MANY_HEADERS');
  });

  test('headers are counted for each frame on its own', () => {
    expect(decode('SEND\na:1\nb:2\n\n\0SEND\na:1\nb:2\n\n\0')).toHaveLength(2);
  });

  test.each(['', 'content-length:10\n'])('a body may be at its limit, with %j', (header) => {
    expect(decode(`SEND\n${header}\n0123456789\0`)[0]?.body.toString()).toBe('0123456789');
  });

  test('a longer body without content-length is refused', () => {
    expect(codeOf('SEND\n\n0123456789a\0')).toBe('BODY_TOO_LARGE');
  });

  test('a longer body with content-length is refused', () => {
    expect(codeOf('SEND\ncontent-length:11\n\n0123456789a\0')).toBe('BODY_TOO_LARGE');
  });
});

describe('a limit is checked before bytes are kept', () => {
  const decoderWith = (text: string) => {
    const decoder = new FrameDecoder(TIGHT);
    decoder.push(Buffer.from(text));
    return decoder;
  };

  test('a header line is refused without its end', () => {
    const decoder = decoderWith(`SEND\n${'a'.repeat(22)}`);

    expect(errorOf(() => framesOf(decoder)).code).toBe('HEADER_TOO_LONG');
  });

  test('headers are refused without the blank line', () => {
    const decoder = decoderWith('SEND\na:1\nb:2\nc:3\nd:4\n');

    expect(errorOf(() => framesOf(decoder)).code).toBe('TOO_MANY_HEADERS');
  });

  test('a body with content-length is refused before its first octet', () => {
    const decoder = decoderWith('SEND\ncontent-length:99999\n\n');

    expect(errorOf(() => framesOf(decoder))).toMatchObject({
      code: 'BODY_TOO_LARGE',
      detail: '99999 octets',
    });
  });

  test('a body without content-length is refused without its NUL', () => {
    const decoder = decoderWith('SEND\n\n0123456789a');

    expect(errorOf(() => framesOf(decoder)).code).toBe('BODY_TOO_LARGE');
  });

  test('bytes at every limit wait for more', () => {
    expect(framesOf(decoderWith('UNSUBSCRIBE\r'))).toEqual([]);
    expect(framesOf(decoderWith(`SEND\n${'a'.repeat(20)}\r`))).toEqual([]);
    expect(framesOf(decoderWith('SEND\n\n0123456789'))).toEqual([]);
  });
});

describe.each(CUTS)('the receipt of a frame that is refused, fed %s', (_how, cut) => {
  const receiptIn = (text: string | Buffer) =>
    errorOf(() => decodeAll(cut(Buffer.from(text)), '1.2', TIGHT)).receiptId;

  test.each([
    ['BAD_CONTENT_LENGTH', 'content-length:x\n\n\0'],
    ['BODY_NOT_TERMINATED', 'content-length:1\n\nab\0'],
    ['BODY_TOO_LARGE, announced', 'content-length:11\n\n'],
    ['BODY_TOO_LARGE', '\n0123456789a\0'],
    ['HEADER_TOO_LONG', `${'a'.repeat(30)}\n\n\0`],
    ['MALFORMED_HEADER', 'x\n\n\0'],
    ['TOO_MANY_HEADERS', 'a:1\nb:2\nc:3\n\n\0'],
    ['UNDEFINED_ESCAPE', 'x:\\t\n\n\0'],
    ['UNDEFINED_ESCAPE in a name', '\\t:x\n\n\0'],
  ])('is on the error %s', (_code, rest) => {
    expect(receiptIn(`SEND\nreceipt:r\\c1\n${rest}`)).toBe('r:1');
  });

  test('is on the error NOT_UTF8', () => {
    const bytes = Buffer.concat([Buffer.from('SEND\nreceipt:r1\nx:'), Buffer.of(0xff, 0x0a)]);

    expect(receiptIn(bytes)).toBe('r1');
  });

  test('is on the error BODY_NOT_ALLOWED', () => {
    expect(receiptIn('BEGIN\nreceipt:r1\n\nx\0')).toBe('r1');
  });

  test('is the first of several', () => {
    expect(receiptIn('SEND\nreceipt:r1\nreceipt:r2\nx\n\n\0')).toBe('r1');
  });

  test('is not known while its header has not come', () => {
    expect(receiptIn('SEND\nx\nreceipt:r1\n\n\0')).toBeUndefined();
  });

  test('of the frame before is not on the error', () => {
    expect(receiptIn('SEND\nreceipt:r1\n\n\0SEND\nx\n\n\0')).toBeUndefined();
  });
});
