// What a program on somebody else's library goes through with a server of ours, the same for all
// of them. Each scene is one run of a script in the library's language, which says what it saw.

import { expect, test } from '@jest/globals';
import { until } from '../../broker/transport/until.ts';
import { startServer } from '../../support/start-server.ts';
import { runClient } from './run-client.ts';

export type Version = '1.0' | '1.1' | '1.2';

/** A program, and the script that it runs: it is told the port, the version and the scene. */
export type ClientProgram = readonly [program: string, script: string];

/** Long enough for a busy machine to keep them, short enough to wait for some of them. */
const HEART_BEAT_MS = 500;

/** What a client saw in one scene; it has left nothing behind. */
export async function play(
  [program, script]: ClientProgram,
  version: Version,
  scene: string,
  ...more: string[]
): Promise<unknown[]> {
  const { server, tcpPort } = await startServer({ heartBeatMs: HEART_BEAT_MS, queueRetryMs: 1 });

  const seen = await runClient(program, script, String(tcpPort), version, scene, ...more);

  await until(() => server.sessionCount === 0);
  return seen;
}

/** What every client does in every version. */
export function commonStories(client: ClientProgram, version: Version): void {
  test('sends and receives Korean and emoji, in a body and in a header, with a receipt', async () => {
    expect(await play(client, version, 'talk')).toEqual([
      { body: '안녕 👋🏽\n둘째 줄', header: '한국어 😀' },
    ]);
  });

  test('keeps the NUL octets of a binary body', async () => {
    expect(await play(client, version, 'binary')).toEqual([{ hex: '000aff00fe00' }]);
  });

  test('gets again what it had not acknowledged when it left', async () => {
    expect(await play(client, version, 'ack')).toEqual([
      { bodies: ['one', 'two'] },
      { body: 'two', redelivered: 'true' },
    ]);
  });

  test('enters a room', async () => {
    expect(await play(client, version, 'room')).toEqual([
      { message: '김님이 입장했습니다.', position: '1' },
    ]);
  });
}

/** STOMP 1.0 has no NACK. */
export function nackStory(client: ClientProgram, version: '1.1' | '1.2'): void {
  test('gets again what it refused with NACK', async () => {
    expect(await play(client, version, 'nack')).toEqual([{ body: 'one', redelivered: 'true' }]);
  });
}

/** As the scenes of stomp.py, the stomp gem and Net::Stomp tell of an ERROR. */
export const BAD_ROOM_ID = {
  code: 'BAD_ROOM_ID',
  body: 'BAD_ROOM_ID: roomId must be 1 to 64 of A-Z a-z 0-9 _ -, or a non-negative integer\n',
};
