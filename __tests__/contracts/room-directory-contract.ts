import { describe, expect, test } from '@jest/globals';
import type { RoomDirectoryOptions } from '../../broker/chat/memory-room-directory.ts';
import type { RoomDirectory } from '../../broker/chat/room-directory.ts';
import { SavedRooms } from '../../broker/chat/saved-rooms.ts';
import { FactTable } from '../../broker/engine/facts.ts';
import { afterLobby, type RoomList } from '../../shared/rooms.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { memoryLog } from '../support/memory-log.ts';
import { turns } from '../support/turns.ts';

const DAY_MS = 86_400_000;
const KIM = '192.0.2.1';

export type CreateRoomDirectory = (options: RoomDirectoryOptions) => RoomDirectory;

/** What every room directory must do. It keeps its rooms in the facts that it is given. */
export function roomDirectoryContract(name: string, create: CreateRoomDirectory): void {
  function scene({ facts = new FactTable(), ...given }: Given = {}) {
    const clock = new FakeClock();
    const histories = new Set<string>();
    const rooms = create({
      clock,
      hasHistory: (roomId) => histories.has(roomId),
      idleMs: DAY_MS,
      listMax: 100,
      log: memoryLog(),
      roomsMax: 100,
      saved: new SavedRooms(() => facts),
      takeNewRoom: () => true,
      ...given,
    });
    const changed: string[] = [];
    rooms.listen((roomId) => changed.push(roomId));
    const asked = async (): Promise<RoomList> =>
      JSON.parse((await rooms.encodedList()).body.toString());
    return { asked, changed, clock, facts, histories, rooms };
  }
  const startScene = async (given: Given = {}) => {
    const started = scene(given);
    await started.rooms.restore();
    return started;
  };

  describe(name, () => {
    roomsAppear(startScene);
    listsAreShared(startScene);
    roomsAreForgotten(startScene);
    roomsOutlastRestarts(startScene);
  });
}

interface Given extends Partial<RoomDirectoryOptions> {
  readonly facts?: FactTable;
}

type Scene = (given?: Given) => Promise<{
  readonly asked: () => Promise<RoomList>;
  readonly changed: readonly string[];
  readonly clock: FakeClock;
  readonly facts: FactTable;
  readonly histories: Set<string>;
  readonly rooms: RoomDirectory;
}>;

function roomsAppear(scene: Scene): void {
  describe('a room', () => {
    test('exists from its first use, without a name', async () => {
      const { changed, rooms } = await scene();
      expect(await rooms.find('7')).toBeNull();

      expect(await rooms.use('7', KIM)).toBeNull();
      expect(await rooms.use('7', KIM)).toBeNull();

      expect(await rooms.find('7')).toEqual({ roomId: '7', name: null, people: 0 });
      expect(changed).toEqual(['7']);
    });

    test('with a name has the next number that is free', async () => {
      const { rooms } = await scene();
      await rooms.use('2', KIM);

      expect(await rooms.create('ours')).toEqual({ roomId: '1', name: 'ours', people: 0 });
      expect(await rooms.createFor(KIM, 'tea')).toEqual({ roomId: '3', name: 'tea', people: 0 });
    });

    test('has as many people as were counted, also before it existed', async () => {
      const { rooms } = await scene();
      await rooms.countChanged('7', 2);

      await rooms.use('7', KIM);
      expect(await rooms.find('7')).toMatchObject({ people: 2 });
      await rooms.countChanged('7', 0);

      expect(await rooms.find('7')).toMatchObject({ people: 0 });
    });

    test('is refused where there are too many, of one address or of all', async () => {
      const { rooms } = await scene({ takeNewRoom: (address) => address !== KIM });
      expect(await rooms.use('7', KIM)).toBe('TOO_MANY_NEW_ROOMS');
      expect(await rooms.createFor(KIM, 'tea')).toBe('TOO_MANY_NEW_ROOMS');

      const { rooms: full } = await scene({ roomsMax: 1 });
      await full.create('ours');
      expect(await full.use('7', KIM)).toBe('TOO_MANY_ROOMS');
      expect(await full.createFor(KIM, 'tea')).toBe('TOO_MANY_ROOMS');
      expect(await full.create('tea')).toBeNull();
    });

    test('is created once, and no more than there may be, if many ask at once', async () => {
      const { changed, rooms } = await scene({ roomsMax: 2 });

      const ids = ['1', '1', '2', '2', '3', '3'];
      await Promise.all(ids.map((roomId) => Promise.resolve(rooms.use(roomId, KIM))));

      expect((await rooms.list()).total).toBeLessThanOrEqual(2);
      expect(await rooms.find('3')).not.toBeNull();
      expect(changed.filter((roomId) => roomId === '3')).toHaveLength(1);
    });
  });
}

function listsAreShared(scene: Scene): void {
  describe('the list', () => {
    test('has the fullest first, and counts those that it leaves out', async () => {
      const { rooms } = await scene({ listMax: 2 });
      for (const roomId of ['1', '2', '10']) await rooms.use(roomId, KIM);
      await rooms.countChanged('10', 3);

      const { rooms: listed, total } = await rooms.list();

      expect(listed.map(({ roomId }) => roomId)).toEqual(['10', '1']);
      expect(total).toBe(3);
    });

    test('is encoded once between two changes that are told', async () => {
      const { rooms } = await scene();
      await rooms.use('1', KIM);
      const first = await rooms.encodedList();
      await rooms.use('2', KIM);
      expect(await rooms.encodedList()).toBe(first);

      await rooms.changeOf(['2']);

      expect((await rooms.encodedList()).tag).not.toBe(first.tag);
    });

    test('is right for whoever applies the changes that are told later', async () => {
      const { asked, changed, histories, rooms } = await scene({ roomsMax: 3 });
      for (const roomId of ['1', '2']) await rooms.use(roomId, KIM);
      histories.add('2');
      const list = await asked();
      for (const roomId of ['3', '4']) await rooms.use(roomId, KIM);
      await rooms.countChanged('4', 1);

      const now = afterLobby(list, await rooms.changeOf([...new Set(changed)]));

      const byId = (all: RoomList | null) =>
        new Set(all?.rooms.map((room) => JSON.stringify(room)));
      expect(byId(now)).toEqual(byId(await rooms.list()));
      expect(now?.total).toBe(3);
    });
  });
}

function roomsAreForgotten(scene: Scene): void {
  describe('a room that nobody needs', () => {
    test.each([
      ['is empty', 0, false, true],
      ['has people', 1, false, false],
      ['has messages', 0, true, false],
    ])('gives its place to a new one if it %s: %i, %s', async (_what, people, isKept, gives) => {
      const { changed, histories, rooms } = await scene({ roomsMax: 1 });
      await rooms.use('7', KIM);
      await rooms.countChanged('7', people);
      if (isKept) histories.add('7');

      expect(await rooms.use('8', KIM)).toBe(gives ? null : 'TOO_MANY_ROOMS');

      expect(await rooms.find('7')).toEqual(gives ? null : expect.anything());
      expect(changed).toEqual(gives ? ['7', '7', '8'] : ['7']);
    });

    test('is forgotten after its idle time if somebody named it, unless the program did', async () => {
      const { clock, rooms } = await scene();
      await rooms.create('ours');
      await rooms.createFor(KIM, 'tea');

      clock.advance(DAY_MS - 60_000);
      await turns();
      expect(await rooms.find('2')).not.toBeNull();
      clock.advance(120_000);
      await turns();

      expect(await rooms.find('2')).toBeNull();
      expect(await rooms.find('1')).not.toBeNull();
    });

    test('is not forgotten after a stop', async () => {
      const { clock, rooms } = await scene();
      await rooms.createFor(KIM, 'tea');

      rooms.stop();
      clock.advance(2 * DAY_MS);
      await turns();

      expect(await rooms.find('1')).not.toBeNull();
    });
  });
}

function roomsOutlastRestarts(scene: Scene): void {
  describe('a restart', () => {
    test('keeps rooms, names and numbers, and tells nobody', async () => {
      const { facts, rooms } = await scene();
      await rooms.use('x', KIM);
      await rooms.createFor(KIM, 'tea');

      const later = await scene({ facts });

      expect((await later.rooms.list()).rooms).toEqual((await rooms.list()).rooms);
      expect(later.changed).toEqual([]);
      expect(await later.rooms.createFor(KIM, 'more')).toMatchObject({ roomId: '2' });
    });

    test('has lists with other tags', async () => {
      const { facts, rooms } = await scene();

      const later = await scene({ facts });

      const [one, other] = [await rooms.encodedList(), await later.rooms.encodedList()];
      expect(one.tag).not.toBe(other.tag);
    });
  });
}
