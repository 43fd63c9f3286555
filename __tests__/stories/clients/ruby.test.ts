import { describe, expect, test } from '@jest/globals';
import {
  BAD_ROOM_ID,
  type ClientProgram,
  commonStories,
  nackStory,
  play,
} from './client-stories.ts';

const CLIENT: ClientProgram = ['/usr/bin/ruby', '__tests__/stories/clients/ruby/client.rb'];

describe.each(['1.0', '1.1', '1.2'] as const)('the stomp gem speaking %s', (version) => {
  commonStories(CLIENT, version);
  if (version !== '1.0') nackStory(CLIENT, version);

  test('is told the version', async () => {
    const told = version === '1.0' ? null : version;

    expect(await play(CLIENT, version, 'connect')).toEqual([{ session: true, version: told }]);
  });

  test('sees all of a transaction at its COMMIT, and nothing after an ABORT', async () => {
    expect(await play(CLIENT, version, 'transaction')).toEqual([
      { bodies: ['before', 'one', 'two'] },
    ]);
  });

  test('is shown an ERROR, and the end', async () => {
    expect(await play(CLIENT, version, 'error')).toEqual([BAD_ROOM_ID]);
  });
});

describe('the stomp gem', () => {
  test.each([
    ['1.0', '10:30'],
    ['1.1', 'a:b\nc\\d'],
    ['1.2', 'a:b\r\nc\\d'],
  ] as const)('speaking %s gets a header as it was', async (version, header) => {
    expect(await play(CLIENT, version, 'headers', header)).toEqual([{ header }]);
  });

  test.each(['1.1', '1.2'] as const)('speaking %s stays by its heart-beats', async (version) => {
    expect(await play(CLIENT, version, 'heart-beats')).toEqual([{ alive: true }]);
  });
});
