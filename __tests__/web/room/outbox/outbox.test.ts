import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Answer } from '../../../../web/connection/link.ts';
import { Outbox } from '../../../../web/room/outbox/outbox.ts';
import { OUTBOX_ENTRIES_MAX } from '../../../../web/room/outbox/outbox-entries.ts';
import { Outboxes } from '../../../../web/room/outbox/outboxes.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { accepted, refused } from '../../support/fake-link.ts';
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

describe('the outbox', () => {
  test('sends at once when it is attached and idle', () => {
    const link = attach();

    add('a');

    expect(link.ids).toEqual(['a']);
    expect(deliveryStates()).toEqual(['a in-flight']);
  });

  test('keeps messages while there is no link, and sends them in order over the next', () => {
    add('a', 'b', 'c');
    const link = attach();

    for (const id of ['a', 'b', 'c']) {
      link.answer(id, accepted());
      clock.advance(25);
    }

    expect(link.ids).toEqual(['a', 'b', 'c']);
    expect(deliveryStates()).toEqual([]);
  });

  test('sends the next message only when the one before is answered', () => {
    const link = attach();
    add('a', 'b');

    clock.advance(60_000);

    expect(link.ids).toEqual(['a']);
  });

  test('stays below fifty messages a second with a backlog', () => {
    const link = attach();
    add(...Array.from({ length: 100 }, (_, index) => `m${index}`));
    const answerAll = () => {
      const id = link.ids.at(-1);
      if (id !== undefined) link.answer(id, accepted());
    };

    for (let ms = 0; ms < 1_000; ms += 1) {
      answerAll();
      clock.advance(1);
    }

    expect(link.ids.length).toBeGreaterThan(30);
    expect(link.ids.length).toBeLessThan(50);
  });

  test('sends unanswered messages again over the next link, under the same id', () => {
    const first = attach();
    add('a', 'b');
    outbox.detach();

    const second = attach();

    expect(first.ids).toEqual(['a']);
    expect(second.ids).toEqual(['a']);
    second.answer('a', accepted());
    clock.advance(25);
    expect(second.ids).toEqual(['a', 'b']);
  });

  test('sends nothing while detached', () => {
    const link = attach();
    add('a', 'b');
    link.answer('a', accepted());

    outbox.detach();
    clock.advance(60_000);

    expect(link.ids).toEqual(['a']);
    expect(deliveryStates()).toEqual(['b waiting']);
  });

  test('shows unanswered messages as waiting once the link is gone', () => {
    attach();
    add('a');

    outbox.detach();

    expect(deliveryStates()).toEqual(['a waiting']);
  });

  test('settles an entry on its echo, but not on another message with its id', () => {
    const link = attach();
    const said = { id: 'a', sender: 'Ada', text: 'text of a' };
    add('a', 'b');
    expect(outbox.arrived({ ...said, sender: 'Bob' })).toBe(false);
    expect(outbox.arrived({ ...said, text: 'another' })).toBe(false);

    expect(outbox.arrived(said)).toBe(true);
    expect(outbox.arrived(said)).toBe(false);
    clock.advance(25);

    expect(link.ids).toEqual(['a', 'b']);
  });

  test('sends all waiting messages at once when it is flushed', () => {
    const link = attach();
    add('a', 'b', 'c');

    outbox.flush();

    expect(link.ids).toEqual(['a', 'b', 'c']);
  });

  test('refuses messages beyond its bound', () => {
    for (let count = 0; count < OUTBOX_ENTRIES_MAX; count += 1) add(`m${count}`);

    expect(add('one more')).toEqual([false]);
    expect(outbox.entries.value).toHaveLength(OUTBOX_ENTRIES_MAX);
  });
});

describe('the storage of an outbox', () => {
  test('has each entry before it is sent and until it is settled', () => {
    add('a');
    expect(storage.items.get('a')).toMatchObject({ text: 'text of a', triedAtMs: null });

    const link = attach();
    expect(storage.items.get('a')).toMatchObject({ triedAtMs: clock.now() });
    link.answer('a', accepted());

    expect(storage.items.size).toBe(0);
  });

  test('has refused entries with their refusal', () => {
    const link = attach();
    add('a');

    link.answer('a', refused('BAD_MESSAGE'));

    expect(storage.items.get('a')?.deliveryState).toMatchObject({
      refusal: { code: 'BAD_MESSAGE' },
    });
  });

  test('brings entries that another page left behind, in the order written', () => {
    const said = { sender: 'Ada', text: 'before', triedAtMs: null };
    add('b');
    storage.find([{ ...said, id: 'a', queuedAtMs: 1, deliveryState: { type: 'waiting' } }]);
    storage.find([{ ...said, id: 'b', queuedAtMs: 2, deliveryState: { type: 'waiting' } }]);

    expect(deliveryStates()).toEqual(['a waiting', 'b waiting']);
    expect(attach().ids).toEqual(['a']);
  });

  test('reports entries that another page has settled', () => {
    add('a', 'b');

    storage.watcher?.onRemoved('a');

    expect(deliveryStates()).toEqual(['b waiting']);
  });

  test('is not watched by a closed outbox', () => {
    outbox.close();

    expect(storage.watcher).toBeNull();
  });
});

test('an outbox with unsent messages is kept for the next visit of the same person', () => {
  const outboxes = new Outboxes(clock, () => new MemoryOutboxStorage());
  const full = outboxes.of('1', 'Ada');
  full.add('a', 'Ada', 'hello');
  const empty = outboxes.of('2', 'Ada');

  expect(outboxes.of('1', 'Bob')).not.toBe(full);
  expect(outboxes.of('1', ' Ada ')).toBe(full);
  expect(outboxes.of('2', 'Ada')).not.toBe(empty);
});
