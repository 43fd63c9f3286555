import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { gather, writeGathered } from '../../../broker/transport/gather.ts';

/** A stream that records which chunks left together. */
class Sink extends Writable {
  readonly left: string[][] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.left.push([chunk.toString()]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.left.push(chunks.map(({ chunk }) => chunk.toString()));
    done();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('gather', () => {
  test('packets that are written in one go leave together, in order', async () => {
    const sink = new Sink();
    gather(sink);
    sink.write('a');
    await Promise.resolve();
    gather(sink);
    sink.write('b');
    expect(sink.left).toEqual([]);
    await turn();
    expect(sink.left).toEqual([['a', 'b']]);
  });

  test('it holds for once: the next packet leaves by itself', async () => {
    const sink = new Sink();
    gather(sink);
    sink.write('a');
    await turn();
    sink.write('b');
    expect(sink.left).toEqual([['a'], ['b']]);
  });

  test('too much to hold does not wait, and the rest is gathered again', async () => {
    const sink = new Sink();
    const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(6_000));
    gather(sink);
    for (const packet of [a, b, c, d, e]) writeGathered(sink, packet ?? '');
    expect(sink.left).toEqual([[a, b, c]]);
    expect(sink.writableLength).toBe(12_000);
    await turn();
    expect(sink.left).toEqual([
      [a, b, c],
      [d, e],
    ]);
  });

  test('a large packet leaves at once where nothing is gathered, and stays as it is', async () => {
    const sink = new Sink({ highWaterMark: 1 });
    writeGathered(sink, 'a');
    writeGathered(sink, 'b');
    expect(sink.left).toEqual([['a'], ['b']]);
    expect(sink.writableCorked).toBe(0);
  });

  test('an end does not wait, and takes along what was held', async () => {
    const sink = new Sink();
    gather(sink);
    sink.write('a');
    sink.end('b');
    await turn();
    expect(sink.left.flat()).toEqual(['a', 'b']);
    expect(sink.writableFinished).toBe(true);
  });
});
