import { describe, expect, jest, test } from '@jest/globals';
import {
  BAD_ROOM_ID,
  type ClientProgram,
  commonStories,
  nackStory,
  play,
} from './client-stories.ts';

const CLIENT: ClientProgram = ['/usr/bin/php', '__tests__/stories/clients/php/client.php'];

// On a busy machine the extension sometimes reads past the end of an ERROR, or misses one, when the
// connection is closed right behind it.
jest.retryTimes(2);

describe.each(['1.0', '1.1', '1.2'] as const)("PHP's Stomp speaking %s", (version) => {
  commonStories(CLIENT, version);
  if (version !== '1.0') nackStory(CLIENT, version);

  test('is told its session', async () => {
    expect(await play(CLIENT, version, 'connect')).toEqual([{ session: true }]);
  });

  test('sees all of a transaction at its COMMIT, and nothing after an ABORT', async () => {
    expect(await play(CLIENT, version, 'transaction')).toEqual([
      { bodies: ['before', 'one', 'two'] },
    ]);
  });

  test('is shown an ERROR, and the end', async () => {
    const { body } = BAD_ROOM_ID;

    expect(await play(CLIENT, version, 'error')).toEqual([
      { message: body.slice('BAD_ROOM_ID: '.length, -1), details: body },
    ]);
  });
});

test("PHP's Stomp speaking 1.0 gets a colon in a header as it was", async () => {
  expect(await play(CLIENT, '1.0', 'headers', '10:30')).toEqual([{ header: '10:30' }]);
});
