import { describe, expect, test } from '@jest/globals';
import {
  MemoryRoomDirectory,
  type RoomDirectoryOptions,
} from '../../../broker/chat/memory-room-directory.ts';
import { SavedRooms } from '../../../broker/chat/saved-rooms.ts';
import { FactTable } from '../../../broker/engine/facts.ts';
import { RateLimits } from '../../../broker/limits/rate-limits.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { rateSettings } from '../limits/rate-settings.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const KIM = '192.0.2.1';
const LEE = '192.0.2.2';

interface Given extends Partial<RoomDirectoryOptions> {
  readonly clock?: FakeClock;
  readonly facts?: FactTable;
  readonly newRoomsPerHour?: number;
}

/** Rooms with an idle time of a day; tests put people and messages into them. */
function roomsOf({ facts = new FactTable(), newRoomsPerHour = 0, ...given }: Given = {}) {
  const { clock = new FakeClock() } = given;
  const rates = new RateLimits(clock, rateSettings({ newRoomsPerHour }));
  const [histories, looks] = [new Set<string>(), { count: 0 }];
  const rooms = new MemoryRoomDirectory({
    clock,
    idleMs: DAY_MS,
    listMax: 1_000,
    roomsMax: 10_000,
    hasHistory: (roomId) => {
      looks.count += 1;
      return histories.has(roomId);
    },
    log: memoryLog(),
    saved: new SavedRooms(() => facts),
    takeNewRoom: (address) => rates.takeNewRoom(address),
    ...given,
  });
  rooms.restore();
  return { clock, facts, histories, looks, rooms };
}

describe('an address', () => {
  test('creates so many rooms an hour, by name or as the first to come', () => {
    const { clock, rooms } = roomsOf({ newRoomsPerHour: 2 });

    expect(rooms.createFor(KIM, 'a')).toMatchObject({ roomId: '1' });
    expect(rooms.use('x', KIM)).toBeNull();
    expect(rooms.createFor(KIM, 'b')).toBe('TOO_MANY_NEW_ROOMS');
    expect(rooms.use('y', KIM)).toBe('TOO_MANY_NEW_ROOMS');
    expect(rooms.find('y')).toBeNull();

    clock.advance(HOUR_MS / 2);
    expect(rooms.use('y', KIM)).toBeNull();
    expect(rooms.use('z', KIM)).toBe('TOO_MANY_NEW_ROOMS');
  });

  test('uses rooms that are there as often as it likes', () => {
    const { rooms } = roomsOf({ newRoomsPerHour: 1 });
    void rooms.use('x', KIM);

    expect(rooms.use('x', KIM)).toBeNull();
    expect(rooms.use('x', LEE)).toBeNull();
  });

  test('takes nothing from others, but for those of its network', () => {
    const { rooms } = roomsOf({ newRoomsPerHour: 1 });
    void rooms.use('a', '2001:db8::1');

    expect(rooms.use('b', '2001:db8::2')).toBe('TOO_MANY_NEW_ROOMS');
    expect(rooms.use('b', '2001:db8:0:1::1')).toBeNull();
    expect(rooms.use('c', LEE)).toBeNull();
  });

  test('creates any number where the setting is 0', () => {
    const { rooms } = roomsOf({ newRoomsPerHour: 0 });
    for (let at = 0; at < 500; at += 1) void rooms.createFor(KIM, 'a');

    expect(rooms.list().total).toBe(500);
  });
});

describe('a named room', () => {
  test('is forgotten when nobody has used it for a day', () => {
    const { clock, facts, rooms } = roomsOf();
    void rooms.createFor(KIM, 'a');

    clock.advance(DAY_MS - 1);
    expect(rooms.find('1')).not.toBeNull();
    clock.advance(60_000);

    expect(rooms.find('1')).toBeNull();
    expect(rooms.list()).toEqual({ type: 'ROOMS', rooms: [], total: 0 });
    expect(facts.all('room')).toEqual([]);
  });

  test('stays a day from its last use', () => {
    const { clock, rooms } = roomsOf();
    void rooms.createFor(KIM, 'a');
    clock.advance(DAY_MS - 1);
    void rooms.use('1', LEE);

    clock.advance(DAY_MS - 60_000);
    expect(rooms.find('1')).not.toBeNull();
    clock.advance(120_000);
    expect(rooms.find('1')).toBeNull();
  });

  test.each([
    ['somebody is in it', { in: 1, messages: false }],
    ['it keeps a message', { in: 0, messages: true }],
  ])('stays as long as %s', (_why, has) => {
    const { clock, histories, rooms } = roomsOf();
    void rooms.createFor(KIM, 'a');
    rooms.countChanged('1', has.in);
    if (has.messages) histories.add('1');

    clock.advance(10 * DAY_MS);
    expect(rooms.find('1')).not.toBeNull();
    rooms.countChanged('1', 0);
    histories.clear();
    clock.advance(60_000);
    expect(rooms.find('1')).toBeNull();
  });

  test('stays for ever where the setting is 0', () => {
    const { clock, rooms } = roomsOf({ idleMs: 0 });
    void rooms.createFor(KIM, 'a');

    clock.advance(1_000 * DAY_MS);

    expect(rooms.find('1')).not.toBeNull();
  });

  test('stays for ever when the program made it, over restarts too', async () => {
    const { clock, facts, rooms } = roomsOf();
    await rooms.create('ours');
    clock.advance(10 * DAY_MS);

    const later = roomsOf({ facts });
    later.clock.advance(10 * DAY_MS);

    expect(later.rooms.find('1')).toMatchObject({ name: 'ours' });
  });

  test('gives its place to another as soon as it may be forgotten', () => {
    const { clock, rooms } = roomsOf({ roomsMax: 1 });
    void rooms.createFor(KIM, 'a');

    expect(rooms.createFor(KIM, 'b')).toBe('TOO_MANY_ROOMS');
    rooms.stop(); // no sweep: the next room finds it
    clock.advance(DAY_MS);
    expect(rooms.createFor(KIM, 'b')).toMatchObject({ roomId: '2' });
  });
});

describe('a restart', () => {
  const restarted = (facts: FactTable, afterMs: number) => {
    const clock = new FakeClock();
    clock.setWall(afterMs);
    return roomsOf({ clock, facts });
  };

  test('does not make rooms younger', () => {
    const { facts, rooms } = roomsOf();
    void rooms.createFor(KIM, 'a');

    const later = restarted(facts, DAY_MS - HOUR_MS);
    expect(later.rooms.find('1')).not.toBeNull();
    later.clock.advance(2 * HOUR_MS);

    expect(later.rooms.find('1')).toBeNull();
  });

  test('knows of the last use, but for what a few writes an hour would cost', () => {
    const { clock, facts, rooms } = roomsOf();
    void rooms.createFor(KIM, 'a');
    for (let hour = 0; hour < 30; hour += 1) {
      clock.advance(HOUR_MS);
      void rooms.use('1', KIM);
    }

    const later = restarted(facts, 30 * HOUR_MS + DAY_MS - 2 * HOUR_MS);

    expect(later.rooms.find('1')).not.toBeNull();
  });

  test('takes a use in time to come, after the clock was set back, for one of now', () => {
    const { facts, rooms } = roomsOf();
    void rooms.createFor(KIM, 'a');

    const later = restarted(facts, -400 * DAY_MS);
    later.clock.advance(DAY_MS - 60_000);
    expect(later.rooms.find('1')).not.toBeNull();
    later.clock.advance(120_000);

    expect(later.rooms.find('1')).toBeNull();
  });

  test('begins the day of rooms that an earlier version made', () => {
    const facts = new FactTable([['room 1', 'old']]);

    const later = restarted(facts, 0);
    later.clock.advance(DAY_MS - 60_000);
    expect(later.rooms.find('1')).toMatchObject({ name: 'old' });
    later.clock.advance(120_000);

    expect(later.rooms.find('1')).toBeNull();
  });
});

describe('10,000 rooms that nobody uses any more', () => {
  test('are looked at a few at a time, and are all gone in the end', () => {
    const { clock, looks, rooms } = roomsOf();
    for (let at = 0; at < 10_000; at += 1) void rooms.createFor(KIM, 'a');

    clock.advance(DAY_MS);
    expect(looks.count).toBeLessThanOrEqual(64);
    clock.advance(HOUR_MS);

    expect(rooms.list().total).toBe(0);
  });

  test('that have to stay cost the next ones a few looks', () => {
    const { histories, looks, rooms } = roomsOf({ roomsMax: 10_000 });
    for (let at = 0; at < 10_000; at += 1) {
      void rooms.use(`r${at}`, KIM);
      if (at < 9_900) histories.add(`r${at}`);
    }

    expect(rooms.use('one more', KIM)).toBe('TOO_MANY_ROOMS');
    expect(looks.count).toBeLessThanOrEqual(64);
    // Each search begins where the last one ended, so the empty rooms are found.
    let tries = 1;
    while (rooms.use('one more', KIM) !== null && tries < 1_000) tries += 1;
    expect(tries).toBeLessThan(200);
  });
});
