import { describe, expect, test } from '@jest/globals';
import {
  InputTurns,
  Pieces,
  Slice,
  type TurnTaker,
} from '../../../../broker/session/flow/input-turns.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { turns } from '../../../support/turns.ts';

const SMALL_FRAMES = 8;

/** Sessions with more frames than they may handle at once; each frame takes a millisecond. */
function rig() {
  const clock = new FakeClock();
  const input = new InputTurns(clock);
  const state = { isOver: false };
  const handled: string[] = [];
  const session = (name: string, client = 'one'): TurnTaker & { read(isFresh?: boolean): void } => {
    const taker = {
      slice: new Slice(client),
      read(isFresh = true) {
        if (state.isOver) return;
        if (!input.begin(taker)) return input.wait(taker, isFresh);
        do {
          clock.advance(1);
          handled.push(name);
        } while (!input.isOver(taker, SMALL_FRAMES));
        input.wait(taker, false);
      },
      takeTurn(): 'done' {
        taker.read();
        return 'done';
      },
    };
    return taker;
  };
  return { clock, handled, input, session, state };
}

const countOf = (all: readonly string[], name: string) => all.filter((one) => one === name).length;

describe('a session that has more frames', () => {
  test('handles 2 ms of them, and goes on when the event loop has turned', async () => {
    const { handled, session, state } = rig();

    session('a').read();

    expect(handled).toEqual(['a', 'a']);
    await turns(1);
    expect(handled).toHaveLength(4);
    state.isOver = true;
  });

  test('takes turns with all others that have more', async () => {
    const { handled, session, state } = rig();
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) session(name).read();

    await turns(9);
    state.isOver = true;

    const counts = names.map((name) => countOf(handled, name));
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });
});

describe('a hundred sessions that have more frames', () => {
  test('take 10 ms of each turn of the event loop, and no more', async () => {
    const { clock, session, state } = rig();
    for (let count = 0; count < 100; count += 1) session(`${count}`).read();
    await turns(1);
    const before = clock.monotonic();

    await turns(5);
    state.isOver = true;

    expect(clock.monotonic() - before).toBe(5 * 10);
  });

  test('do not keep another one waiting for more than one turn', async () => {
    const { handled, session, state } = rig();
    for (let count = 0; count < 100; count += 1) session('many').read();
    await turns(3);

    session('other').read();
    await turns(1);
    state.isOver = true;

    expect(countOf(handled, 'other')).toBeGreaterThan(0);
  });

  test('are stopped where they all read in one turn of the event loop', () => {
    const { handled, session, state } = rig();

    for (let count = 0; count < 100; count += 1) session(`${count}`).read();
    state.isOver = true;

    // While there is time, and up to 256 small frames in any case.
    expect(handled.length).toBeLessThanOrEqual(256 / SMALL_FRAMES + 2);
  });
});

test('a client waits for one turn of another client, however many sessions that one has', async () => {
  const { handled, session, state } = rig();
  for (let count = 0; count < 100; count += 1) session('many').read();
  await turns(1);
  const before = handled.length;

  session('other', 'two').read();
  await turns(1);
  state.isOver = true;

  const sinceThen = handled.slice(before);
  // A slice has time for two of them.
  expect(sinceThen.indexOf('other')).toBeLessThanOrEqual(2);
  expect(sinceThen).toContain('other');
});

test('time in which nothing was read is nobody’s', () => {
  const { clock, handled, session, state } = rig();
  session('a').read();
  clock.advance(60_000);

  session('b').read();
  state.isOver = true;

  expect(countOf(handled, 'b')).toBe(2);
});

test('work of an async function is done a piece in each turn of the event loop', async () => {
  const clock = new FakeClock();
  const input = new InputTurns(clock);
  let done = 0;
  const work = async () => {
    const pieces = new Pieces(input, 'one');
    for (let count = 0; count < 10; count += 1) {
      if (pieces.isOver(SMALL_FRAMES)) await pieces.next();
      clock.advance(1);
      done += 1;
    }
  };
  for (let count = 0; count < 3; count += 1) void work();
  const before = done;

  await turns(1);
  expect(done - before).toBeLessThanOrEqual(3);
  await turns(30);
  expect(done).toBe(30);
});
