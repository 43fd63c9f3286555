import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { RoomFile } from '../../../broker/engine/embedded/room-file.ts';
import { emptyFolder } from '../../support/empty-folder.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { SocketClient } from '../../support/socket-client.ts';
import { startServer } from '../../support/start-server.ts';
import { turns } from '../../support/turns.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a server whose store cannot be written', () => {
  test('is alive and not ready, lets nobody in after a while, and recovers by itself', async () => {
    const clock = new FakeClock();
    const settings = { dataDir: emptyFolder(), storeRetryMs: 5_000 };
    const { server, url } = await startServer({ engine: 'embedded', ...settings }, { clock });
    const statusOf = async (path: string) => {
      const response = await fetch(url + path);
      return [response.status, (await response.json()).status];
    };
    const fill = async () => {
      const body = new Uint8Array(500_000);
      const kept = `${server.broker.prefixes.topic}/chat/room/7`;
      for (let at = 0; at < 20; at += 1) await server.broker.publish(kept, body);
    };
    expect(await statusOf('/readyz')).toEqual([200, 'serving']);

    jest.spyOn(RoomFile.prototype, 'commit').mockRejectedValue(new Error('the disk is full'));
    await expect(fill()).rejects.toMatchObject({ code: 'STORE_FAILED' });

    expect(await statusOf('/readyz')).toEqual([503, 'store failing']);
    expect(await statusOf('/livez')).toEqual([200, 'alive']);
    await SocketClient.connect(url);
    for (let at = 0; at < 10; at += 1) {
      clock.advance(1_000);
      await turns(3);
    }
    expect(await statusOf('/healthz')).toEqual([503, 'store given-up']);
    await expect(SocketClient.connect(url)).rejects.toThrow();
    jest.restoreAllMocks();
    clock.advance(60_000);
    while ((await statusOf('/readyz'))[0] !== 200);
    await fill();
  });
});
