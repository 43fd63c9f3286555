import { expect, test } from '@jest/globals';
import { MemoryShare } from '../../../../broker/limits/memory-share.ts';
import { type FrameTaker, InputReader } from '../../../../broker/session/flow/input-reader.ts';
import { InputTurns } from '../../../../broker/session/flow/input-turns.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { turns } from '../../../support/turns.ts';

const CHUNK_BYTES = 64 * 1_024;
const LIMITS = {
  ...{ bodyBytes: 1_048_576, connectBytes: 16_384, headerBytes: 8_192, headerCountMax: 100 },
};

/** Connections whose sessions are connected; reading a chunk takes a millisecond. */
function rig(count: number) {
  const clock = new FakeClock();
  const inputTurns = new InputTurns(clock);
  const share = () => new MemoryShare({ count: () => undefined });
  const readers = Array.from({ length: count }, () => {
    const state = { isPaused: false };
    const taker: FrameTaker = {
      hold: 'none',
      take: () => undefined,
      unreadable: (error) => {
        throw error;
      },
      caughtUp: () => undefined,
    };
    const transport = {
      pause: () => {
        state.isPaused = true;
      },
      resume: () => {
        state.isPaused = false;
      },
    };
    const reader = new InputReader(taker, {
      client: 'address 192.0.2.1',
      limits: LIMITS,
      memory: share(),
      transport,
      turns: inputTurns,
    });
    reader.speak('1.2');
    return { reader, state };
  });
  const readAll = (chunk: Buffer) => {
    for (const { reader } of readers) {
      reader.received(chunk, clock.monotonic());
      clock.advance(1);
    }
  };
  return { paused: () => readers.filter(({ state }) => state.isPaused).length, readAll };
}

const BODY = Buffer.alloc(CHUNK_BYTES, 'x');

test('line ends alone use up a turn as frames do, and the rest is not read before the next', async () => {
  const { paused, readAll } = rig(40);

  readAll(Buffer.alloc(CHUNK_BYTES, '\n'));

  expect(paused()).toBe(30);
  await turns(8);
  expect(paused()).toBe(0);
});

test('parts of large bodies use up a turn as frames do', async () => {
  const { paused, readAll } = rig(40);
  readAll(Buffer.from('SEND\ndestination:/topic/a\ncontent-length:1000000\n\n'));
  await turns(2);

  readAll(BODY);

  expect(paused()).toBe(30);
  await turns(8);
  expect(paused()).toBe(0);
});
