import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import express from 'express';
import type { History } from '../../../broker/chat/history.ts';
import type { RoomDirectory } from '../../../broker/chat/room-directory.ts';
import { roomsApi } from '../../../broker/http/rooms-api.ts';

test('pages that are asked for at the same time are read in turns of their own', async () => {
  const readsOfTurns: number[] = [0];
  let isCounting = true;
  const count = () => {
    readsOfTurns.push(0);
    if (isCounting) setImmediate(count);
  };
  setImmediate(count);
  const history: Pick<History, 'read' | 'stateOf'> = {
    read() {
      readsOfTurns[readsOfTurns.length - 1] = (readsOfTurns.at(-1) ?? 0) + 1;
      return Promise.resolve([Buffer.from('{}')]);
    },
    stateOf: () => 'state',
  };
  const app = express().use(roomsApi({} as RoomDirectory, history as History));
  const http = createServer(app).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  const answers = Array.from({ length: 20 }, (_, before) =>
    fetch(`http://127.0.0.1:${port}/rooms/1/messages?before=${before}`),
  );
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  isCounting = false;
  http.closeAllConnections();
  http.close();

  expect(statuses).toEqual(Array(20).fill(200));
  expect(readsOfTurns.reduce((sum, reads) => sum + reads)).toBe(20);
  expect(Math.max(...readsOfTurns)).toBe(1);
});
