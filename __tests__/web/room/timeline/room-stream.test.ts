import { describe, expect, test } from '@jest/globals';
import { RoomStream } from '../../../../web/room/timeline/room-stream.ts';
import { FakeLink } from '../../support/fake-link.ts';

const room = '/topic/chat/room/7';
const LAST = { type: 'last', count: 50 };

const said = (position: number) => ({
  type: 'TALK',
  roomId: '7',
  sender: 'Bob',
  message: `m${position}`,
  id: `m${position}`,
  at: '2026-03-01T03:00:00.000Z',
});

class Stay {
  readonly published: string[] = [];
  readonly stream = new RoomStream({
    destination: room,
    onPublished: ({ id }) => this.published.push(id) > 0 && id === 'mine',
  });
  live = 0;

  follows(): FakeLink {
    const link = new FakeLink();
    this.stream.follow(link, () => {
      this.live += 1;
    });
    return link;
  }

  get texts(): string[] {
    const { lines, past } = this.stream.timeline.value;
    return [...past, ...lines].map((line) => (line.type === 'gap' ? '(gap)' : line.text));
  }
}

const recovered = { epoch: 'e1', isRecovered: true };

function deliver(link: FakeLink, from: number, to: number): void {
  for (let position = from; position <= to; position += 1)
    link.deliver(room, said(position), position);
}

describe('what is said in a room', () => {
  test('begins with the newest page', () => {
    const stay = new Stay();
    const link = stay.follows();

    link.confirm(room, { ...recovered, head: 2 });
    deliver(link, 1, 3);

    expect(link.starts.map(({ start }) => start)).toEqual([LAST]);
    expect(stay.texts).toEqual(['m1', 'm2', 'm3']);
    expect(stay.live).toBe(1);
  });

  test('goes on after a break with what was missed', () => {
    const stay = new Stay();
    const first = stay.follows();
    first.confirm(room, { ...recovered, head: 2 });
    deliver(first, 1, 2);

    const second = stay.follows();
    second.confirm(room, { ...recovered, head: 4 });
    deliver(second, 3, 5);

    expect(second.starts.map(({ start }) => start)).toEqual([
      { type: 'offset', epoch: 'e1', offset: 3 },
    ]);
    expect(stay.texts).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
  });

  test('goes on in the term that the server is in by then', () => {
    const stay = new Stay();
    const first = stay.follows();
    first.confirm(room, { epoch: 'life-t1', head: 1, isRecovered: true });
    deliver(first, 1, 1);

    const second = stay.follows();
    second.confirm(room, { epoch: 'life-t2', head: 2, isRecovered: true });
    deliver(second, 2, 2);
    const third = stay.follows();

    expect(second.starts[0]?.start).toMatchObject({ epoch: 'life-t1', offset: 2 });
    expect(third.starts[0]?.start).toMatchObject({ epoch: 'life-t2', offset: 3 });
    expect(stay.texts).toEqual(['m1', 'm2']);
  });

  test('goes on with the newest page too where a link broke in the middle of it', () => {
    const stay = new Stay();
    const first = stay.follows();
    first.confirm(room, { ...recovered, head: 100 });
    deliver(first, 51, 60);

    const second = stay.follows();

    expect(second.starts[0]?.start).toEqual({ type: 'offset', epoch: 'e1', offset: 61 });
  });

  test('asks for the newest page again where no link ever was live', () => {
    const stay = new Stay();
    stay.follows();

    expect(stay.follows().starts[0]?.start).toEqual(LAST);
  });

  test.each([['e1'], ['e2']])(
    'says so and shows the newest page when it cannot go on (%s)',
    (epoch) => {
      const stay = new Stay();
      const first = stay.follows();
      first.confirm(room, { ...recovered, head: 1 });
      deliver(first, 1, 1);

      const second = stay.follows();
      const before = second.subscribers.get(room);
      second.confirm(room, { epoch, head: 900, isRecovered: false });
      expect(stay.live).toBe(1);
      before?.onMessage({ body: said(500), position: 500 });
      second.confirm(room, { epoch, head: 900, isRecovered: true });
      deliver(second, 899, 900);

      expect(second.starts.map(({ start }) => start.type)).toEqual(['offset', 'last']);
      expect(stay.texts).toEqual(['m1', '(gap)', 'm899', 'm900']);
      expect(stay.live).toBe(2);
    },
  );

  test('goes on counting over what it does not know', () => {
    const stay = new Stay();
    const link = stay.follows();
    link.confirm(room, { ...recovered, head: 0 });
    link.deliver(room, { type: 'POLL' }, 1);

    expect(stay.follows().starts[0]?.start).toMatchObject({ offset: 2 });
  });

  test('keeps the name under which one’s own message waited', () => {
    const stay = new Stay();
    const link = stay.follows();
    link.confirm(room, { ...recovered, head: 0 });
    link.deliver(room, { ...said(1), id: 'mine' }, 1);
    link.deliver(room, said(2), 2);

    expect(stay.published).toEqual(['mine', 'm2']);
    expect(stay.stream.timeline.value.lines.map(({ key }) => key)).toEqual(['mine', 'e1/2']);
  });

  test('keeps few lines for who follows the end, and more for who reads further up', () => {
    const stay = new Stay();
    const link = stay.follows();
    link.confirm(room, { ...recovered, head: 0 });
    stay.stream.setFollowed(false);
    deliver(link, 1, 600);
    expect(stay.texts).toHaveLength(600);

    stay.stream.setFollowed(true);
    expect(stay.texts).toHaveLength(500);
    deliver(link, 601, 601);

    expect(stay.texts).toHaveLength(500);
    expect(stay.texts.at(-1)).toBe('m601');
  });
});
