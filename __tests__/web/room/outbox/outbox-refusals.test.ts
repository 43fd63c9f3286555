import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer } from '../../../../web/connection/link.ts';
import { Outbox } from '../../../../web/room/outbox/outbox.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { refused } from '../../support/fake-link.ts';
import { MemoryOutboxStorage } from '../../support/memory-outbox-storage.ts';

let clock: FakeClock;
let outbox: Outbox;
let storage: MemoryOutboxStorage;

beforeEach(() => {
  clock = new FakeClock();
  storage = new MemoryOutboxStorage();
  outbox = new Outbox(clock, storage);
});

/** Attaches the outbox to a new link; gives the ids sent over it and a way to answer. */
function attach(): { ids: string[]; answer: (id: string, answer: Answer) => void } {
  const ids: string[] = [];
  const answers = new Map<string, (answer: Answer) => void>();
  outbox.attach(({ id }, onAnswered) => {
    ids.push(id);
    answers.set(id, onAnswered);
  });
  return { ids, answer: (id, answer) => answers.get(id)?.(answer) };
}

const add = (...ids: string[]) => ids.map((id) => outbox.add(id, 'Ada', `text of ${id}`));
const deliveryStates = () =>
  outbox.entries.value.map(({ id, deliveryState }) => `${id} ${deliveryState.type}`);

describe('an outbox with a refused message', () => {
  test('keeps it as failed and continues with the next', () => {
    const link = attach();
    add('a', 'b');

    link.answer('a', refused('BAD_MESSAGE'));
    clock.advance(25);

    expect(deliveryStates()).toEqual(['a failed', 'b in-flight']);
  });

  test('sends it again under the same id when asked', () => {
    const link = attach();
    add('a');
    link.answer('a', refused('STORE_FULL'));
    clock.advance(25);

    outbox.retry('a');

    expect(link.ids).toEqual(['a', 'a']);
  });

  test('sends it under a new id if its id was taken', () => {
    const link = attach();
    add('a');
    link.answer('a', refused('ID_TAKEN'));
    clock.advance(25);

    outbox.retry('a');

    expect(link.ids).toHaveLength(2);
    expect(link.ids[1]).not.toBe('a');
    expect([...storage.items.keys()]).toEqual([link.ids[1]]);
  });

  test('discards a failed entry when asked, and no other', () => {
    const link = attach();
    add('a', 'b');
    link.answer('a', refused('BAD_MESSAGE'));

    outbox.discard('a');
    outbox.discard('b');

    expect(deliveryStates()).toEqual(['b waiting']);
    expect([...storage.items.keys()]).toEqual(['b']);
  });

  test('waits a moment and keeps the order after RATE_LIMITED', () => {
    const link = attach();
    add('a', 'b');

    link.answer('a', refused('RATE_LIMITED'));
    clock.advance(999);
    expect(link.ids).toEqual(['a']);
    clock.advance(1);

    expect(link.ids).toEqual(['a', 'a']);
    expect(deliveryStates()).toEqual(['a in-flight', 'b waiting']);
  });

  test('waits for the next link if the server is shutting down', () => {
    const link = attach();
    add('a', 'b');

    link.answer('a', refused('STORE_STOPPED'));
    clock.advance(60_000);

    expect(deliveryStates()).toEqual(['a waiting', 'b waiting']);
    expect(attach().ids).toEqual(['a']);
  });

  test('fails as UNSURE when the broker may have forgotten the first attempt', () => {
    attach();
    add('a', 'b');
    outbox.detach();
    clock.advance(13 * 60 * 60_000);

    expect(attach().ids).toEqual(['b']);
    expect(outbox.entries.value[0]?.deliveryState).toMatchObject({ refusal: { code: 'UNSURE' } });
    outbox.detach();
    outbox.retry('a');

    expect(attach().ids).toEqual(['a']);
  });

  test('does not send it again over the next link unasked', () => {
    const link = attach();
    add('a');
    link.answer('a', refused('BAD_MESSAGE'));
    outbox.detach();

    expect(attach().ids).toEqual([]);
  });
});
