import { describe, expect, test } from '@jest/globals';
import {
  BAD_ROOM_ID,
  type ClientProgram,
  commonStories,
  nackStory,
  play,
} from './client-stories.ts';

const CLIENT: ClientProgram = ['/usr/bin/perl', '__tests__/stories/clients/perl/client.pl'];

describe.each(['1.0', '1.1', '1.2'] as const)('Net::Stomp speaking %s', (version) => {
  commonStories(CLIENT, version);
  if (version !== '1.0') nackStory(CLIENT, version);

  test('is told the version', async () => {
    const told = version === '1.0' ? null : version;

    expect(await play(CLIENT, version, 'connect')).toEqual([{ session: true, version: told }]);
  });

  test('sees all of a transaction at its COMMIT, and nothing after an ABORT', async () => {
    expect(await play(CLIENT, version, 'transaction')).toEqual([
      { bodies: ['before', 'one', 'two', 'three'] },
    ]);
  });

  test('is shown an ERROR, and the end', async () => {
    expect(await play(CLIENT, version, 'error')).toEqual([BAD_ROOM_ID]);
  });
});

test('Net::Stomp speaking 1.0 gets a colon in a header as it was', async () => {
  expect(await play(CLIENT, '1.0', 'headers', '10:30')).toEqual([{ header: '10:30' }]);
});
