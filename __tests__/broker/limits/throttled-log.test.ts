import { describe, expect, test } from '@jest/globals';
import { SessionsLog, ThrottledLog } from '../../../broker/limits/throttled-log.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';

function throttled() {
  const clock = new FakeClock();
  const log = memoryLog();
  const shown = () => log.lines.map(({ fields, text }) => ({ ...fields, text }));
  return { clock, shown, warnings: new ThrottledLog<'host' | 'origin'>(log, clock) };
}

describe('the throttled log', () => {
  test('logs the first of a kind at once, and the others of its minute as one with their count', () => {
    const { clock, shown, warnings } = throttled();

    for (const peer of ['a', 'b', 'c', 'd']) warnings.warn('origin', { peer }, 'refused');
    expect(shown()).toEqual([{ peer: 'a', text: 'refused' }]);
    clock.advance(60_000);

    expect(shown()).toEqual([
      { peer: 'a', text: 'refused' },
      { peer: 'd', count: 3, text: 'refused' },
    ]);
  });

  test('logs no more than a line a minute, however long it goes on', () => {
    const { clock, shown, warnings } = throttled();

    for (let second = 0; second < 180; second += 1) {
      warnings.warn('origin', {}, 'refused');
      clock.advance(1_000);
    }

    expect(shown()).toEqual([
      { text: 'refused' },
      { count: 59, text: 'refused' },
      { count: 60, text: 'refused' },
      { count: 60, text: 'refused' },
    ]);
  });

  test('throttles each kind by itself', () => {
    const { shown, warnings } = throttled();

    warnings.warn('origin', {}, 'one');
    warnings.warn('host', {}, 'two');

    expect(shown().map(({ text }) => text)).toEqual(['one', 'two']);
  });

  test('logs at once again after a quiet minute, and keeps no timer then', () => {
    const { clock, shown, warnings } = throttled();

    warnings.warn('origin', {}, 'one');
    clock.advance(60_000);
    expect(clock.taskCount).toBe(0);
    warnings.warn('origin', {}, 'two');

    expect(shown().map(({ text }) => text)).toEqual(['one', 'two']);
  });

  test('logs what it has counted when it is flushed', () => {
    const { clock, shown, warnings } = throttled();
    for (const peer of ['a', 'b']) warnings.warn('origin', { peer }, 'refused');

    warnings.flush();

    expect(shown()).toHaveLength(2);
    expect(clock.taskCount).toBe(0);
  });
});

test('the log of sessions throttles each text by itself, at its own level', () => {
  const clock = new FakeClock();
  const log = memoryLog();
  const sessions = new SessionsLog(log, clock);

  for (const peer of ['a', 'b', 'c']) {
    sessions.info({ peer }, 'broke');
    sessions.warn({ peer }, 'slow');
    sessions.error({ peer }, 'bug');
  }
  expect(log.lines.map(({ level }) => level)).toEqual(['info', 'warn', 'error']);
  sessions.flush();

  expect(log.lines.slice(3).map(({ fields, text }) => [text, fields])).toEqual([
    ['bug', { peer: 'c', count: 2 }],
    ['broke', { peer: 'c', count: 2 }],
    ['slow', { peer: 'c', count: 2 }],
  ]);
  expect(clock.taskCount).toBe(0);
});
