import { describe, expect, test } from '@jest/globals';
import { FairTurns } from '../../../../broker/session/flow/fair-turns.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { turns } from '../../../support/turns.ts';

/** Sessions that do piece after piece, and the number of pieces of each. */
function rig(sessions: number) {
  const clock = new FakeClock();
  const state = { isCommitting: false, isOver: false };
  const fair = new FairTurns({ clock, isCommitting: () => state.isCommitting });
  const pieces = Array.from({ length: sessions }, () => 0);
  const work = async (session: number) => {
    while (!state.isOver) {
      await fair.take();
      pieces[session] = (pieces[session] ?? 0) + 1;
    }
  };
  for (let session = 0; session < sessions; session += 1) void work(session);
  const count = () => pieces.reduce((sum, one) => sum + one, 0);
  return { clock, count, fair, pieces, state };
}

/** More pieces than run before the next pause for a commit. */
const LONG = 200;

describe('long work', () => {
  test('goes on a piece in each turn, for one after the other', async () => {
    const { pieces, state } = rig(3);

    await turns(9);
    state.isOver = true;

    expect(Math.max(...pieces) - Math.min(...pieces)).toBeLessThanOrEqual(1);
    expect(Math.min(...pieces)).toBeGreaterThan(1);
  });
});

describe('long work, while something is committed', () => {
  test('pauses until the commit is delivered', async () => {
    const { count, fair, state } = rig(3);
    state.isCommitting = true;
    await turns(3);
    const before = count();

    await turns(LONG);
    expect(count()).toBe(before);
    state.isCommitting = false;
    fair.committed();
    await turns(20);

    expect(count()).toBeGreaterThan(before + 10);
    state.isOver = true;
  });

  test('gets its share even if there is always a commit', async () => {
    const { count, fair, state } = rig(3);
    state.isCommitting = true;
    await turns(3);
    const before = count();

    fair.committed();
    await turns(LONG);

    expect(count()).toBe(before + 64);
    state.isOver = true;
  });

  test('does not wait for ever for a commit that fails or takes long', async () => {
    const { clock, count, state } = rig(3);
    state.isCommitting = true;
    await turns(3);
    const before = count();

    clock.advance(4);
    await turns(LONG);
    expect(count()).toBe(before);
    clock.advance(1);
    await turns(LONG);

    expect(count()).toBe(before + 64);
    state.isOver = true;
  });

  test('ignores a commit that no work waits for', async () => {
    const { clock, count, fair, state } = rig(1);
    fair.committed();
    await turns(10);
    state.isOver = true;

    expect(count()).toBeGreaterThan(5);
    expect(clock.taskCount).toBe(0);
  });
});
