import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Input } from '../../../broker/stomp/input.ts';

const LF = 10;

function inputOf(...chunks: string[]): Input {
  const input = new Input();
  for (const chunk of chunks) input.push(Buffer.from(chunk));
  return input;
}

describe('Input', () => {
  test('is empty at first', () => {
    const input = new Input();

    expect(input.length).toBe(0);
    expect(input.peek()).toBeUndefined();
    expect(input.find(LF)).toBe(-1);
  });

  test('joins what comes in pieces', () => {
    const input = inputOf('ab', '', 'c\n', 'd');

    expect(input.length).toBe(5);
    expect(input.view(5).toString()).toBe('abc\nd');
    expect(input.find(LF)).toBe(3);
  });

  test('peeks no further than what came', () => {
    const input = inputOf('a', 'b');

    expect(input.peek(1)).toBe('b'.charCodeAt(0));
    expect(input.peek(2)).toBeUndefined();
  });

  test('measures distances from what was skipped', () => {
    const input = inputOf('ab\n', 'c\nd');

    input.skip(3);

    expect(input.find(LF)).toBe(1);
    expect(input.peek()).toBe('c'.charCodeAt(0));
    expect(input.length).toBe(3);
  });

  test('finds what comes after a search in vain', () => {
    const input = inputOf('abc', 'd');
    input.find(LF);

    input.push(Buffer.from('e\n'));

    expect(input.find(LF)).toBe(5);
  });

  test('finds nothing in what was there before, behind the end', () => {
    const input = inputOf('ab', `${'\n'.repeat(200)}x`);
    input.skip(202);

    input.push(Buffer.from('y'));

    expect(input.find(LF)).toBe(-1);
    expect(input.view(2).toString()).toBe('xy');
  });

  test('does not write into a chunk that was pushed', () => {
    const chunk = Buffer.from('abcdef').subarray(0, 3);
    const input = new Input();
    input.push(chunk);

    input.push(Buffer.from('xyz'));

    expect(Buffer.from(chunk.buffer, chunk.byteOffset, 6).toString()).toBe('abcdef');
  });

  test('keeps nothing of a chunk that was read whole', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const input = new Input();
    const held = new WeakRef(pushAndSkip(input, 100_000));

    // A WeakRef keeps its target alive until the turn that created it ends.
    await new Promise((resolve) => setImmediate(resolve));
    collect();

    expect(held.deref()).toBeUndefined();
    expect(input.length).toBe(0);
  });

  test('is the same as one long buffer, whatever is pushed, skipped and searched', () => {
    const chunk = fc.stringMatching(/^[a-c\n]{0,300}$/).map((text) => Buffer.from(text));
    const step = fc.oneof(
      fc.record({ type: fc.constant('push' as const), chunk }),
      fc.record({
        type: fc.constant('skip' as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ type: fc.constant('find' as const) }),
    );

    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const input = new Input();
        let model = Buffer.alloc(0);
        for (const one of steps) {
          if (one.type === 'push') {
            input.push(Buffer.from(one.chunk));
            model = Buffer.concat([model, one.chunk]);
          } else if (one.type === 'skip') {
            const length = Math.floor(one.share * model.length);
            input.skip(length);
            model = model.subarray(length);
          } else {
            expect(input.find(LF)).toBe(model.indexOf(LF));
          }
        }
        expect(input.view(input.length).equals(model)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

/** A function of its own, so that no variable of a test keeps the chunk alive. */
function pushAndSkip(input: Input, bytes: number): ArrayBufferLike {
  const chunk = Buffer.alloc(bytes);
  input.push(chunk);
  input.skip(bytes);
  return chunk.buffer;
}
