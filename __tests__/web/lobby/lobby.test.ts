import { describe, expect, test } from '@jest/globals';
import { Connection } from '../../../web/connection/connection.ts';
import { createRoom } from '../../../web/lobby/create-room.ts';
import { LobbyVisit } from '../../../web/lobby/lobby-visit.ts';
import { inOrder } from '../../../web/lobby/room-order.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeAttempts, FakeLink } from '../support/fake-link.ts';

const room = (roomId: string, people = 0) => ({ roomId, name: null, people });
const answering = (status: number, body: string) => async () => new Response(body, { status });

test('rooms are sorted by number of people, then by id in natural order', () => {
  const rooms = [room('10'), room('b', 2), room('2'), room('a', 2), room('1')];

  expect(inOrder(rooms).map(({ roomId }) => roomId)).toEqual(['a', 'b', '1', '2', '10']);
});

describe('the lobby', () => {
  test('follows the rooms over several links until it is left', () => {
    const attempts = new FakeAttempts();
    const clock = new FakeClock();
    const visit = new LobbyVisit();
    visit.begin(new Connection({ clock, open: attempts.open, random: () => 0 }), '/lobby');
    const [first, second] = [new FakeLink(), new FakeLink()];

    attempts.opens(first);
    first.deliver('/lobby', { type: 'ROOMS', rooms: [room('1')], total: 1 });
    first.deliver('/lobby', { type: 'CHANGED', rooms: [room('2', 5)], gone: ['1'], total: 1 });
    first.deliver('/lobby', { type: 'STRANGE' });
    expect(visit.rooms.value?.rooms).toEqual([room('2', 5)]);

    attempts.ends();
    clock.advance(1_000);
    attempts.opens(second);
    second.deliver('/lobby', { type: 'ROOMS', rooms: [room('3')], total: 1 });
    expect(visit.rooms.value?.rooms).toEqual([room('3')]);

    visit.end();
    expect(second.subscribers.size).toBe(0);
  });
});

describe('createRoom', () => {
  test('returns the number of the new room', async () => {
    const created = await createRoom('Tea', answering(201, JSON.stringify(room('12'))));

    expect(created).toEqual({ type: 'created', roomId: '12' });
  });

  test('returns the refusal of the server', async () => {
    const refusal = { code: 'BAD_NAME', text: 'no' };

    expect(await createRoom('Tea', answering(400, JSON.stringify(refusal)))).toEqual({
      type: 'refused',
      refusal,
    });
  });

  test.each([
    ['nothing', async () => Promise.reject(new Error('offline'))],
    ['something else', answering(502, '<html>')],
    ['an unknown object', answering(200, '{}')],
  ])('reports the server as unreachable when the answer is %s', async (_what, fetch) => {
    expect(await createRoom('Tea', fetch)).toEqual({ type: 'unreachable' });
  });
});
