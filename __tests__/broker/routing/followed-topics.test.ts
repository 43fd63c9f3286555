import { describe, expect, test } from '@jest/globals';
import type { Ends } from '../../../broker/engine/engine.ts';
import type { Maybe } from '../../../broker/maybe.ts';
import { FollowedTopics } from '../../../broker/routing/followed-topics.ts';
import { type Feed, SubscriptionIndex } from '../../../broker/routing/subscription-index.ts';

const ENDS: Ends = { head: 3, oldest: 1 };

/** An index, and what the engine was asked in which order. */
function followingIndex(follow: (topic: string) => Maybe<Ends | null> = () => ENDS) {
  const asked: string[] = [];
  const followed = new FollowedTopics({
    ends: (topic) => {
      asked.push(`ends ${topic}`);
      return { head: 4, oldest: 1 };
    },
    follow: (topic) => {
      asked.push(`follow ${topic}`);
      return follow(topic);
    },
    unfollow: (topic) => void asked.push(`unfollow ${topic}`),
  });
  return { asked, index: new SubscriptionIndex(() => false, followed) };
}

const feed = (): Feed => ({ outlet: { shed: () => undefined }, serial: 0, take: () => true });

describe('a topic', () => {
  test('is followed with its first subscriber, and left after its last', () => {
    const { asked, index } = followingIndex();
    const [one, two] = [feed(), feed()];

    index.addFeed('/topic/a', one);
    index.addFeed('/topic/a', two);
    index.removeFeed('/topic/a', one);
    const before = [...asked];
    index.removeFeed('/topic/a', two);

    expect(before).toEqual(['follow /topic/a']);
    expect(asked).toEqual(['follow /topic/a', 'unfollow /topic/a']);
  });

  test('is followed as a pattern where it is one', () => {
    const { asked, index } = followingIndex();
    const one = feed();

    index.addFeed('/topic/*', one);
    index.subscribersOf('/topic/a');
    index.removeFeed('/topic/*', one);

    expect(asked).toEqual(['follow /topic/*', 'unfollow /topic/*']);
  });

  test('that has subscribers is asked for its ends, by those who need them', () => {
    const { asked, index } = followingIndex();

    const first = index.follow('/topic/a', true);
    index.addFeed('/topic/a', feed());
    const second = index.follow('/topic/a', true);
    const third = index.follow('/topic/a', false);

    expect([first, second, third]).toEqual([ENDS, { head: 4, oldest: 1 }, null]);
    expect(asked).toEqual(['follow /topic/a', 'ends /topic/a']);
  });

  test('that nobody subscribed to after all is left', () => {
    const { asked, index } = followingIndex();

    void index.follow('/topic/a', true);
    index.abandon('/topic/a');
    index.abandon('/topic/a');

    expect(asked).toEqual(['follow /topic/a', 'unfollow /topic/a']);
    expect(index.has('/topic/a')).toBe(false);
  });

  test('stays followed while one subscriber takes the place of another', () => {
    const { asked, index } = followingIndex();
    const [one, other] = [feed(), feed()];

    index.addFeed('/topic/a', one);
    index.addFeed('/topic/a', other);
    index.removeFeed('/topic/a', one);

    expect(asked).toEqual(['follow /topic/a']);
  });
});

describe('a topic that the engine follows later', () => {
  test('has later subscribers wait, and asks for its ends when it is followed', async () => {
    let answer = (_ends: Ends | null) => {};
    const { asked, index } = followingIndex(() => new Promise((resolve) => (answer = resolve)));
    const first = index.follow('/topic/a', true);
    index.addFeed('/topic/a', feed());

    const second = index.follow('/topic/a', true);
    const before = [...asked];
    answer(ENDS);

    expect(await first).toEqual(ENDS);
    expect(await second).toEqual({ head: 4, oldest: 1 });
    expect(before).toEqual(['follow /topic/a']);
    expect(asked).toEqual(['follow /topic/a', 'ends /topic/a']);
  });

  test('that could not be followed fails for everyone until all have left', async () => {
    const failure = new Error('the network is down');
    let follows: Maybe<Ends | null> = Promise.reject(failure);
    const { index } = followingIndex(() => follows);
    const one = feed();
    await expect(index.follow('/topic/a', true)).rejects.toBe(failure);
    index.addFeed('/topic/a', one);

    await expect(index.follow('/topic/a', true)).rejects.toBe(failure);
    index.removeFeed('/topic/a', one);
    follows = ENDS;

    expect(index.follow('/topic/a', true)).toEqual(ENDS);
  });

  test('and was left meanwhile does not answer for one that was followed again', async () => {
    const answers: ((ends: Ends | null) => void)[] = [];
    const { index } = followingIndex(() => new Promise((resolve) => answers.push(resolve)));
    const one = feed();
    void index.follow('/topic/a', true);
    index.addFeed('/topic/a', one);
    index.removeFeed('/topic/a', one);
    void index.follow('/topic/a', true);
    index.addFeed('/topic/a', one);

    answers[0]?.(ENDS);
    let isAnswered = false;
    const later = Promise.resolve(index.follow('/topic/a', false)).then(() => (isAnswered = true));
    await new Promise(setImmediate);
    const before = isAnswered;
    answers[1]?.(ENDS);
    await later;

    expect([before, isAnswered]).toEqual([false, true]);
  });
});
