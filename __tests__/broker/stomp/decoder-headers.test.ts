import { describe, expect, test } from '@jest/globals';
import type { Header } from '../../../broker/stomp/frame.ts';
import { headerOf } from '../../../broker/stomp/frame.ts';
import type { StompVersion } from '../../../broker/stomp/version.ts';
import { CUTS, decodeAll, errorOf, frame } from './decode-all.ts';

describe.each(CUTS)('header lines, fed %s', (_how, cut) => {
  const decode = (text: string | Buffer, version: StompVersion | null = '1.2') =>
    decodeAll(cut(Buffer.from(text)), version);
  const headerIn = (line: string, version: StompVersion | null = '1.2', command = 'SEND') =>
    decode(`${command}\n${line}\n\n\0`, version)[0]?.headers[0];

  test.each<[string, Header]>([
    ['x:\\\\', ['x', '\\']],
    ['x:a\\cb', ['x', 'a:b']],
    ['x:a\\nb', ['x', 'a\nb']],
    ['x:a\\rb', ['x', 'a\rb']],
    ['a\\cb\\n\\r\\\\:1', ['a:b\n\r\\', '1']],
    ['x:\\\\n\\\\c', ['x', '\\n\\c']],
  ])('unescapes %j in 1.2', (line, header) => {
    expect(headerIn(line)).toEqual(header);
  });

  test('unescapes before a version is settled as 1.2 does', () => {
    expect(headerIn('x:a\\rb', null)).toEqual(['x', 'a\rb']);
  });

  test('unescapes all but the carriage return in 1.1', () => {
    expect(headerIn('a\\cb:\\n\\\\', '1.1')).toEqual(['a:b', '\n\\']);
    expect(errorOf(() => headerIn('x:\\r', '1.1')).code).toBe('UNDEFINED_ESCAPE');
  });

  test.each([null, '1.0', '1.1', '1.2'] as const)(
    'refuses a carriage return as it is in a name, in version %s',
    (version) => {
      for (const line of ['a\rb:1', 'a\r:1', '\rcontent-length:1']) {
        expect(errorOf(() => headerIn(line, version)).code).toBe('MALFORMED_HEADER');
      }
    },
  );

  test('unescapes nothing in 1.0', () => {
    expect(headerIn('x\\n:a\\cb\\t\\', '1.0')).toEqual(['x\\n', 'a\\cb\\t\\']);
  });

  test.each(['x:\\t', 'x:\\', 'x:a\\\\\\', 'x:\\N', 'x\\t:1', 'x:\\ ', 'x:\\é', 'x:\\😀'])(
    'refuses the undefined escape in %j',
    (line) => {
      for (const version of ['1.1', '1.2'] as const) {
        expect(errorOf(() => headerIn(line, version)).code).toBe('UNDEFINED_ESCAPE');
      }
    },
  );

  test('takes no CR of the line end for an escape', () => {
    const error = errorOf(() => headerIn('x:\\\r'));

    expect(error).toMatchObject({ code: 'UNDEFINED_ESCAPE', detail: '\\' });
  });

  test.each([null, '1.1', '1.2'] as const)('never unescapes CONNECT, in version %s', (version) => {
    expect(headerIn('passcode:a\\b\\n', version, 'CONNECT')).toEqual(['passcode', 'a\\b\\n']);
    expect(headerIn('passcode:a\\b\\n', version, 'STOMP')).toEqual(['passcode', 'a\\b\\n']);
  });

  test.each([null, '1.1', '1.2'] as const)('keeps spaces in version %s', (version) => {
    expect(headerIn(' x : \t1 ', version)).toEqual([' x ', ' \t1 ']);
  });

  test('trims names and values in 1.0', () => {
    expect(headerIn(' x : a b\t', '1.0')).toEqual(['x', 'a b']);
    expect(headerIn('x:\t ', '1.0')).toEqual(['x', '']);
  });

  test('takes a CR at the end of a line for data in 1.0', () => {
    expect(headerIn('x: a\r', '1.0')).toEqual(['x', 'a\r']);
  });

  test('splits at the first colon only', () => {
    expect(headerIn('x:a:b::')).toEqual(['x', 'a:b::']);
  });

  test('reads an empty value', () => {
    expect(headerIn('x:')).toEqual(['x', '']);
  });

  test('keeps the case of names and values', () => {
    expect(headerIn('Destination:/Topic/A')).toEqual(['Destination', '/Topic/A']);
  });

  test('keeps every repeat, and the first is the one that counts', () => {
    const [read] = decode('SEND\nfoo:World\nfoo:Hello\n\n\0');

    expect(read).toEqual(
      frame('SEND', [
        ['foo', 'World'],
        ['foo', 'Hello'],
      ]),
    );
    expect(read && headerOf(read, 'foo')).toBe('World');
  });

  test('reads UTF-8 in names and values', () => {
    expect(headerIn('보낸이:철수😀')).toEqual(['보낸이', '철수😀']);
  });

  test('reads a replacement character that was sent as one', () => {
    expect(headerIn('x:\ufffd')).toEqual(['x', '\ufffd']);
  });

  test('keeps a byte order mark', () => {
    expect(headerIn('\ufeffx:1')).toEqual(['\ufeffx', '1']);
  });

  test.each([
    ['a lone continuation', [0x80]],
    ['half a character', [0xed, 0x95]],
    ['an overlong form', [0xc0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
  ])('refuses %s, which is not UTF-8', (_what, octets) => {
    const bytes = Buffer.from([...Buffer.from('SEND\nx:'), ...octets, ...Buffer.from('\n\n\0')]);

    expect(errorOf(() => decode(bytes)).code).toBe('NOT_UTF8');
  });

  test('refuses a NUL, which old clients would take for the end of a frame', () => {
    const error = errorOf(() => decode(Buffer.from('SEND\nreceipt:r\nx:a\0ERROR\n\n\0')));

    expect(error).toMatchObject({ code: 'MALFORMED_HEADER', receiptId: 'r' });
  });

  test('takes what is not UTF-8 for no command', () => {
    expect(errorOf(() => decode(Buffer.of(0x53, 0xff, 0x0a))).code).toBe('UNKNOWN_COMMAND');
  });

  test.each(['x', ':1', ':', ' '])('refuses the line %j, which has no name', (line) => {
    for (const version of ['1.0', '1.1', '1.2'] as const) {
      const error = errorOf(() => headerIn(line, version));

      expect(error).toMatchObject({ code: 'MALFORMED_HEADER', detail: JSON.stringify(line) });
    }
  });

  test('refuses a name that is nothing but padding in 1.0', () => {
    expect(errorOf(() => headerIn(' \t:1', '1.0')).code).toBe('MALFORMED_HEADER');
  });

  test('shows only the beginning of a long line that is wrong', () => {
    const error = errorOf(() => headerIn('x'.repeat(1_000)));

    expect(error.detail).toBe(`"${'x'.repeat(60)}…"`);
  });
});
