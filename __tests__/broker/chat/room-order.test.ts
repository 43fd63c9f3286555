import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RoomOrder } from '../../../broker/chat/room-order.ts';

const idsOf = (order: RoomOrder, max = 1_000) => order.first(max).map(({ roomId }) => roomId);

describe('the order of rooms', () => {
  test('is the fullest first, then as people count', () => {
    const order = new RoomOrder();
    for (const roomId of ['10', '9', 'b', '2', 'a']) order.put(roomId, 0);
    order.put('9', 1);
    order.put('b', 2);

    expect(idsOf(order)).toEqual(['b', '9', '2', '10', 'a']);
    expect(order.first(2)).toEqual([
      { roomId: 'b', people: 2 },
      { roomId: '9', people: 1 },
    ]);
  });

  test('tells rooms apart that a collator takes for the same', () => {
    const order = new RoomOrder();
    for (const roomId of ['7', '07', '007']) order.put(roomId, 0);

    order.remove('7');

    expect(idsOf(order).sort()).toEqual(['007', '07']);
  });

  test('is that of a sort, whatever comes and goes', () => {
    const step = fc.record({
      roomId: fc.constantFrom('1', '2', '10', '02', 'a', 'A', 'b', '-', '_', 'a1', 'a10', 'a9'),
      people: fc.option(fc.nat(3)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const order = new RoomOrder();
        const expected = new Map<string, number>();
        for (const { people, roomId } of steps) {
          if (people === null) {
            order.remove(roomId);
            expected.delete(roomId);
          } else {
            order.put(roomId, people);
            expected.set(roomId, people);
          }
        }
        const byNumber = new Intl.Collator('en', { numeric: true });
        const sorted = [...expected].sort(
          ([a, inA], [b, inB]) => inB - inA || byNumber.compare(a, b) || (a < b ? -1 : 1),
        );
        expect(idsOf(order)).toEqual(sorted.map(([roomId]) => roomId));
      }),
    );
  });
});
