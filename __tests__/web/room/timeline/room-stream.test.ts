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

class Follower {
  readonly published: string[] = [];
  readonly stream = new RoomStream({
    destination: room,
    onPublished: ({ id }) => this.published.push(id) > 0 && id === 'mine',
  });
  live = 0;

  follow(): FakeLink {
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

describe('the stream of a room', () => {
  test('begins with the newest page', () => {
    const follower = new Follower();
    const link = follower.follow();

    link.confirm(room, { ...recovered, head: 2 });
    deliver(link, 1, 3);

    expect(link.starts.map(({ start }) => start)).toEqual([LAST]);
    expect(follower.texts).toEqual(['m1', 'm2', 'm3']);
    expect(follower.live).toBe(1);
  });

  test('resumes after a break with the missed messages', () => {
    const follower = new Follower();
    const first = follower.follow();
    first.confirm(room, { ...recovered, head: 2 });
    deliver(first, 1, 2);

    const second = follower.follow();
    second.confirm(room, { ...recovered, head: 4 });
    deliver(second, 3, 5);

    expect(second.starts.map(({ start }) => start)).toEqual([
      { type: 'offset', epoch: 'e1', offset: 3 },
    ]);
    expect(follower.texts).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
  });

  test('resumes in the present term of the server', () => {
    const follower = new Follower();
    const first = follower.follow();
    first.confirm(room, { epoch: 'life-t1', head: 1, isRecovered: true });
    deliver(first, 1, 1);

    const second = follower.follow();
    second.confirm(room, { epoch: 'life-t2', head: 2, isRecovered: true });
    deliver(second, 2, 2);
    const third = follower.follow();

    expect(second.starts[0]?.start).toMatchObject({ epoch: 'life-t1', offset: 2 });
    expect(third.starts[0]?.start).toMatchObject({ epoch: 'life-t2', offset: 3 });
    expect(follower.texts).toEqual(['m1', 'm2']);
  });

  test('resumes an unfinished newest page after its link broke', () => {
    const follower = new Follower();
    const first = follower.follow();
    first.confirm(room, { ...recovered, head: 100 });
    deliver(first, 51, 60);

    const second = follower.follow();

    expect(second.starts[0]?.start).toEqual({ type: 'offset', epoch: 'e1', offset: 61 });
  });

  test('requests the newest page again if no subscription was ever confirmed', () => {
    const follower = new Follower();
    follower.follow();

    expect(follower.follow().starts[0]?.start).toEqual(LAST);
  });

  test.each([['e1'], ['e2']])(
    'shows a gap and the newest page when it cannot resume (%s)',
    (epoch) => {
      const follower = new Follower();
      const first = follower.follow();
      first.confirm(room, { ...recovered, head: 1 });
      deliver(first, 1, 1);

      const second = follower.follow();
      const before = second.subscribers.get(room);
      second.confirm(room, { epoch, head: 900, isRecovered: false });
      expect(follower.live).toBe(1);
      before?.onMessage({ body: said(500), position: 500 });
      second.confirm(room, { epoch, head: 900, isRecovered: true });
      deliver(second, 899, 900);

      expect(second.starts.map(({ start }) => start.type)).toEqual(['offset', 'last']);
      expect(follower.texts).toEqual(['m1', '(gap)', 'm899', 'm900']);
      expect(follower.live).toBe(2);
    },
  );

  test('advances past messages that it does not know', () => {
    const follower = new Follower();
    const link = follower.follow();
    link.confirm(room, { ...recovered, head: 0 });
    link.deliver(room, { type: 'POLL' }, 1);

    expect(follower.follow().starts[0]?.start).toMatchObject({ offset: 2 });
  });

  test('keeps the key under which an own message waited', () => {
    const follower = new Follower();
    const link = follower.follow();
    link.confirm(room, { ...recovered, head: 0 });
    link.deliver(room, { ...said(1), id: 'mine' }, 1);
    link.deliver(room, said(2), 2);

    expect(follower.published).toEqual(['mine', 'm2']);
    expect(follower.stream.timeline.value.lines.map(({ key }) => key)).toEqual(['mine', 'e1/2']);
  });

  test('keeps fewer lines while the reader follows the end than further up', () => {
    const follower = new Follower();
    const link = follower.follow();
    link.confirm(room, { ...recovered, head: 0 });
    follower.stream.setFollowed(false);
    deliver(link, 1, 600);
    expect(follower.texts).toHaveLength(600);

    follower.stream.setFollowed(true);
    expect(follower.texts).toHaveLength(500);
    deliver(link, 601, 601);

    expect(follower.texts).toHaveLength(500);
    expect(follower.texts.at(-1)).toBe('m601');
  });
});
