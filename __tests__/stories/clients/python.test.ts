import { describe, expect, test } from '@jest/globals';
import {
  BAD_ROOM_ID,
  type ClientProgram,
  commonStories,
  nackStory,
  play,
} from './client-stories.ts';

const CLIENT: ClientProgram = ['/usr/bin/python3', '__tests__/stories/clients/python/client.py'];

describe.each(['1.0', '1.1', '1.2'] as const)('stomp.py speaking %s', (version) => {
  commonStories(CLIENT, version);
  if (version !== '1.0') nackStory(CLIENT, version);

  test('is told the version', async () => {
    expect(await play(CLIENT, version, 'connect')).toEqual([{ session: true, version }]);
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

describe('stomp.py', () => {
  test.each([
    ['1.0', '10:30'],
    ['1.1', 'a:b\nc\\d\\n'],
    ['1.2', 'a:b\r\nc\\d\\n'],
  ] as const)('speaking %s gets a header as it was', async (version, header) => {
    expect(await play(CLIENT, version, 'headers', header)).toEqual([{ header }]);
  });

  test.each(['1.1', '1.2'] as const)('speaking %s stays by its heart-beats', async (version) => {
    expect(await play(CLIENT, version, 'heart-beats')).toEqual([{ alive: true }]);
  });
});
