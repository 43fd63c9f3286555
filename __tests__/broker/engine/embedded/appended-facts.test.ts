// Facts that are appended together with messages, when the disk fails and when the process is killed.

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { RoomStore } from '../../../../broker/engine/embedded/room-store.ts';
import type { Engine, Entry } from '../../../../broker/engine/engine.ts';
import { emptyFolder } from '../../../support/empty-folder.ts';
import { turns } from '../../../support/turns.ts';
import { killedCopy, startEmbedded } from '../embedded-store.ts';

const ROOM = '/kept/a';

afterEach(() => {
  jest.restoreAllMocks();
});

function entry(text: string): Entry {
  return { destination: ROOM, message: { headers: [], body: Buffer.from(text) } };
}

/** Enters the room: the announcement, and the membership that it causes. */
function enter(engine: Engine, name: string) {
  return engine.append([entry(name)], { facts: [[`member ${name}`, '']] });
}

async function announcedIn(engine: Engine): Promise<string[]> {
  const { publications } = await engine.history({
    destination: ROOM,
    direction: 'forward',
    from: 'oldest',
    limit: 1_000,
  });
  return publications.map(({ message }) => message.body.toString()).sort();
}

function membersOf(engine: Engine): string[] {
  return [...engine.facts.all('member ')].map(([name]) => name.slice('member '.length)).sort();
}

describe('a message and the facts of its append', () => {
  test('are both there or both missing, whenever the process was killed', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    const copies: string[] = [];

    let isDone = false;
    const entered = (async () => {
      for (let at = 0; at < 40; at += 1) await enter(engine, `person ${at}`);
      isDone = true;
    })();
    while (!isDone) {
      copies.push(killedCopy(folder));
      await turns(1);
    }
    await entered;

    const counts = new Set<number>();
    for (const copy of copies.slice(-16)) {
      const again = await startEmbedded(copy);
      const announced = await announcedIn(again);
      expect(membersOf(again)).toEqual(announced);
      counts.add(announced.length);
      await again.stop();
    }
    expect(counts.size).toBeGreaterThan(1);
  });

  test('are both there after a checkpoint and a clean stop', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    await enter(engine, 'Kim');
    await engine.stop();

    const again = await startEmbedded(folder);

    expect([await announcedIn(again), membersOf(again)]).toEqual([['Kim'], ['Kim']]);
  });

  test('are both missing if the commit fails, then and after the next one', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    const commit = jest.spyOn(RoomStore.prototype, 'commit');
    commit.mockRejectedValueOnce(new Error('the disk is full'));

    const outcome = await enter(engine, 'Kim');
    const members = membersOf(engine);
    await enter(engine, 'Lee');

    expect(outcome).toMatchObject({ type: 'refused', code: 'STORE_FAILED' });
    expect(members).toEqual([]);
    const again = await startEmbedded(killedCopy(folder));
    expect([await announcedIn(again), membersOf(again)]).toEqual([['Lee'], ['Lee']]);
  });

  test('are both missing where facts alone are refused, and what was set before is kept', async () => {
    const folder = emptyFolder();
    const engine = await startEmbedded(folder);
    const commit = jest.spyOn(RoomStore.prototype, 'commit');
    commit.mockRejectedValueOnce(new Error('the disk is full'));
    engine.facts.set('room 7', 'seven');

    const outcome = await engine.append([], { facts: [['room 7', 'other']] });
    await engine.append([]);
    await engine.stop();

    expect(outcome).toMatchObject({ type: 'refused', code: 'STORE_FAILED' });
    const again = await startEmbedded(folder);
    expect([...again.facts.all('')]).toEqual([['room 7', 'seven']]);
  });
});

test('a fact that is set while its append is written stays as it was set', async () => {
  const folder = emptyFolder();
  const engine = await startEmbedded(folder);
  let goOn = () => {};
  const isHeld = new Promise<void>((resolve) => (goOn = resolve));
  const { commit } = RoomStore.prototype;
  const spy = jest.spyOn(RoomStore.prototype, 'commit');
  spy.mockImplementationOnce(async function (this: RoomStore, changes) {
    await isHeld;
    await commit.call(this, changes);
  });

  const entered = enter(engine, 'Kim');
  await turns(2);
  expect(spy).toHaveBeenCalledTimes(1);
  engine.facts.set('member Kim', null);
  goOn();
  await entered;
  await engine.append([entry('next')]);

  expect(membersOf(engine)).toEqual([]);
  expect(membersOf(await startEmbedded(killedCopy(folder)))).toEqual([]);
});
