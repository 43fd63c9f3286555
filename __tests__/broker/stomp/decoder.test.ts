import { describe, expect, test } from '@jest/globals';
import { FrameDecoder } from '../../../broker/stomp/decoder.ts';
import { CUTS, decodeAll, errorOf, frame, framesOf, ROOMY } from './decode-all.ts';

describe.each(CUTS)('the decoder, fed %s', (_how, cut) => {
  const decode = (text: string, version: '1.0' | '1.1' | '1.2' | null = '1.2') =>
    decodeAll(cut(Buffer.from(text)), version);

  test('reads a command, headers in their order, and a body', () => {
    const frames = decode('SEND\ndestination:/topic/a\nx:1\n\nhi\0');

    expect(frames).toEqual([
      frame(
        'SEND',
        [
          ['destination', '/topic/a'],
          ['x', '1'],
        ],
        'hi',
      ),
    ]);
  });

  test('reads a frame without headers and without a body', () => {
    expect(decode('DISCONNECT\n\n\0')).toEqual([frame('DISCONNECT')]);
  });

  test('reads several frames out of one stream', () => {
    const frames = decode('BEGIN\ntransaction:a\n\n\0SEND\n\nx\0COMMIT\ntransaction:a\n\n\0');

    expect(frames).toEqual([
      frame('BEGIN', [['transaction', 'a']]),
      frame('SEND', [], 'x'),
      frame('COMMIT', [['transaction', 'a']]),
    ]);
  });

  test('passes over line ends before, between and after frames', () => {
    const frames = decode('\n\r\nSEND\n\na\0\n\n\r\n\nSEND\n\nb\0\n');

    expect(frames).toEqual([frame('SEND', [], 'a'), frame('SEND', [], 'b')]);
  });

  test('makes no frame of heart-beats', () => {
    expect(decode('\n\n\r\n\n')).toEqual([]);
  });

  test('gives nothing until the NUL has come', () => {
    expect(decode('SEND\ndestination:/topic/a\n\nhi')).toEqual([]);
  });

  test('ends lines with LF or CR LF in 1.2', () => {
    const frames = decode('SEND\r\ndestination:/topic/a\nx:1\r\n\r\nhi\r\n\0');

    expect(frames).toEqual([
      frame(
        'SEND',
        [
          ['destination', '/topic/a'],
          ['x', '1'],
        ],
        'hi\r\n',
      ),
    ]);
  });

  test('ends the lines of a first frame with LF or CR LF', () => {
    const frames = decode('CONNECT\r\naccept-version:1.1\r\n\r\n\0', null);

    expect(frames).toEqual([frame('CONNECT', [['accept-version', '1.1']])]);
  });

  test('takes only the CR before the LF for a part of the line end', () => {
    expect(decode('SEND\nx:a\rb\r\r\n\n\0')).toEqual([frame('SEND', [['x', 'a\rb\r']])]);
  });

  test('takes a CR for data in a 1.1 header', () => {
    expect(decode('SEND\nx:1\r\n\n\0', '1.1')).toEqual([frame('SEND', [['x', '1\r']])]);
  });

  test('takes a CR for data in a 1.0 header', () => {
    expect(decode('SEND\nx:a\rb\n\n\0', '1.0')).toEqual([frame('SEND', [['x', 'a\rb']])]);
  });

  test.each(['1.0', '1.1'] as const)('knows no command that ends in CR in %s', (version) => {
    const error = errorOf(() => decode('SEND\r\n\n\0', version));

    expect(error).toMatchObject({ code: 'UNKNOWN_COMMAND', detail: '"SEND\\r"' });
  });

  test.each(['1.0', '1.1'] as const)('takes no CR LF for the blank line in %s', (version) => {
    const error = errorOf(() => decode('SEND\nx:1\n\r\n\0', version));

    expect(error.code).toBe('MALFORMED_HEADER');
  });

  test.each(['send', 'Send', ' SEND', 'SEND ', 'HELLO', 'MESSAGE', 'ERROR', '\rSEND', '__proto__'])(
    'refuses the command %j',
    (command) => {
      const error = errorOf(() => decode(`${command}\n\n\0`));

      expect(error.code).toBe('UNKNOWN_COMMAND');
      // The detail is the part of the input that showed that no command begins like it.
      expect(JSON.stringify(command)).toContain(error.detail?.slice(0, -1));
    },
  );

  test('refuses a second NUL after a frame', () => {
    expect(errorOf(() => decode('SEND\n\na\0\0\n')).code).toBe('UNKNOWN_COMMAND');
  });
});

describe('the decoder', () => {
  test('reads what follows a CONNECT by the rules of the version that was settled on', () => {
    const decoder = new FrameDecoder(ROOMY);
    decoder.push(Buffer.from('CONNECT\r\n\r\n\0SEND\nx:1\r\n\n\0'));

    const connect = decoder.next();
    decoder.speak('1.1');
    const send = decoder.next();

    expect(connect).toEqual(frame('CONNECT'));
    expect(send).toEqual(frame('SEND', [['x', '1\r']]));
  });

  test('is between frames when all that came was read', () => {
    const decoder = new FrameDecoder(ROOMY);
    decoder.push(Buffer.from('SEND\n\na\0\n\n'));

    framesOf(decoder);

    expect(decoder.isMidFrame).toBe(false);
    expect(decoder.waitingBytes).toBe(0);
  });

  test.each(['S', 'SEND\n', 'SEND\nx:1\n', 'SEND\n\n', 'SEND\n\nab', 'SEND\ncontent-length:1\n\n'])(
    'is in the middle of a frame after %j',
    (text) => {
      const decoder = new FrameDecoder(ROOMY);
      decoder.push(Buffer.from(text));

      framesOf(decoder);

      expect(decoder.isMidFrame).toBe(true);
    },
  );

  test('counts the bytes that wait', () => {
    const decoder = new FrameDecoder(ROOMY);
    decoder.push(Buffer.from('SEND\n\na\0SEND\n\nabc'));

    decoder.next();
    const before = decoder.waitingBytes;
    decoder.next();

    expect(before).toBe('SEND\n\nabc'.length);
    expect(decoder.waitingBytes).toBe('abc'.length);
  });
});

describe('the decoder, fed what stompjs makes of binary over SockJS', () => {
  test.each(['[object ArrayBuffer]', '67,79,78,78,69,67,84,10,0'])(
    'names the settings for %s',
    (text) => {
      const decoder = new FrameDecoder(ROOMY);
      decoder.push(Buffer.from(text));

      expect(() => decoder.next()).toThrow(/forceBinaryWSFrames.*binaryBody/);
    },
  );
});
