import { describe, expect, test } from '@jest/globals';
import { webSocketFrame } from '../../../broker/transport/websocket-frame.ts';

// RFC 6455, 5.2: a length in seven bits, in 16 after 126, in 64 after 127.
describe('a WebSocket frame', () => {
  test.each([
    [0, '8100'],
    [125, '817d'],
    [126, '817e007e'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
    [70_000, '817f0000000000011170'],
  ])('of %i octets begins with %s', (length, head) => {
    const payload = Buffer.alloc(length, 'x');

    const frame = webSocketFrame(payload, 'text');

    expect(frame.subarray(0, head.length / 2).toString('hex')).toBe(head);
    expect(frame.subarray(head.length / 2).equals(payload)).toBe(true);
  });

  test('says that it is binary', () => {
    expect(webSocketFrame(Buffer.of(0xff), 'binary').toString('hex')).toBe('8201ff');
  });
});
