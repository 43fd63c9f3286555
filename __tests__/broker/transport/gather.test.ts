import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { gather } from '../../../broker/transport/gather.ts';

/** Remembers what left together. */
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
  test('what is written in one go leaves together, in order', async () => {
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
