import { describe, expect, test } from '@jest/globals';
import { EOL, encodeFrame } from '../../../broker/stomp/encoder.ts';
import type { Header, ServerCommand } from '../../../broker/stomp/frame.ts';
import { serverFrame } from '../../../broker/stomp/frame.ts';
import { STOMP_VERSIONS, type StompVersion } from '../../../broker/stomp/version.ts';

function encode(
  version: StompVersion,
  headers: readonly Header[] = [],
  body?: string | Buffer,
  command: ServerCommand = 'MESSAGE',
): string {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  return encodeFrame(serverFrame(command, headers, bytes), version).toString();
}

describe.each(STOMP_VERSIONS)('the encoder in %s', (version) => {
  test('writes the command, the headers in their order, and the body', () => {
    const headers: Header[] = [
      ['b', '1'],
      ['a', '2'],
    ];

    expect(encode(version, headers, 'hi')).toBe('MESSAGE\nb:1\na:2\ncontent-length:2\n\nhi\0');
  });

  test('writes no content-length without a body', () => {
    expect(encode(version, [['receipt-id', 'r']], '', 'RECEIPT')).toBe(
      'RECEIPT\nreceipt-id:r\n\n\0',
    );
  });

  test('writes a frame without headers', () => {
    expect(encode(version)).toBe('MESSAGE\n\n\0');
  });

  test('counts content-length in octets', () => {
    expect(encode(version, [], '한글😀')).toBe('MESSAGE\ncontent-length:10\n\n한글😀\0');
  });

  test('writes its own content-length and leaves out any other', () => {
    const headers: Header[] = [
      ['content-length', '1'],
      ['x', 'y'],
      ['content-length', '9'],
    ];

    expect(encode(version, headers, 'hi')).toBe('MESSAGE\nx:y\ncontent-length:2\n\nhi\0');
    expect(encode(version, headers)).toBe('MESSAGE\nx:y\n\n\0');
  });

  test('writes every octet of a body as it is', () => {
    const body = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));

    const bytes = encodeFrame(serverFrame('MESSAGE', [], body), version);

    const head = Buffer.from('MESSAGE\ncontent-length:256\n\n');
    expect(bytes).toEqual(Buffer.concat([head, body, Buffer.of(0)]));
  });

  test('writes repeats', () => {
    const headers: Header[] = [
      ['x', '1'],
      ['x', '2'],
    ];

    expect(encode(version, headers)).toBe('MESSAGE\nx:1\nx:2\n\n\0');
  });

  test('writes UTF-8, and half a character as one that was lost', () => {
    const bytes = encodeFrame(serverFrame('MESSAGE', [['이름', '철수\ud83d']]), version);

    expect(bytes).toEqual(Buffer.from('MESSAGE\n이름:철수\ufffd\n\n\0'));
  });

  test('keeps spaces around a value', () => {
    expect(encode(version, [['x', ' 1 ']])).toBe('MESSAGE\nx: 1 \n\n\0');
  });

  test('never escapes CONNECTED', () => {
    const headers: Header[] = [
      ['session', 'a:b\\c'],
      ['server', 'x\r\ny:z'],
    ];

    expect(encode(version, headers, undefined, 'CONNECTED')).toBe(
      'CONNECTED\nsession:a:b\\c\nserver:x  y:z\n\n\0',
    );
  });
});

describe('the encoder', () => {
  test('escapes names and values in 1.2', () => {
    expect(encode('1.2', [['a:\n\r\\', 'b:\n\r\\']])).toBe(
      'MESSAGE\na\\c\\n\\r\\\\:b\\c\\n\\r\\\\\n\n\0',
    );
  });

  test('escapes all but the carriage return in 1.1', () => {
    expect(encode('1.1', [['a:\n\\', 'b:\n\r\\']])).toBe(
      'MESSAGE\na\\c\\n\\\\:b\\c\\n\r\\\\\n\n\0',
    );
  });

  test('leaves out a header with a carriage return in its name in 1.1, which cannot escape it', () => {
    expect(
      encode('1.1', [
        ['a\r', '1'],
        ['b', '2'],
      ]),
    ).toBe('MESSAGE\nb:2\n\n\0');
  });

  test('writes spaces for line ends in 1.0, which has no escapes', () => {
    expect(encode('1.0', [['x', 'b:\n\r\\']])).toBe('MESSAGE\nx:b:  \\\n\n\0');
  });

  test.each([
    'a:b',
    ':',
    ' content-length',
    'content-length ',
    '\ncontent-length',
    'a\nb',
    'a\r',
    '\t',
  ])('leaves out the name %j in 1.0, where it would be another header', (name) => {
    expect(encode('1.0', [[name, '1']], 'hi')).toBe('MESSAGE\ncontent-length:2\n\nhi\0');
  });

  test('writes a name with spaces inside in 1.0', () => {
    expect(encode('1.0', [['a b', '1']])).toBe('MESSAGE\na b:1\n\n\0');
  });

  test('writes a heart-beat as one LF', () => {
    expect(EOL).toEqual(Buffer.of(10));
  });

  test('leaves the frame as it was', () => {
    const body = Buffer.from('hi');
    const frame = serverFrame('MESSAGE', [['x', 'a:b']], body);

    const bytes = encodeFrame(frame, '1.2');
    bytes.fill(0);

    expect(frame).toEqual({ command: 'MESSAGE', headers: [['x', 'a:b']], body: Buffer.from('hi') });
  });
});
