import { expect, test } from '@jest/globals';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const ROOM = '/topic/chat/room/7';

test('two people in a room see each other come and hear each other talk', async () => {
  const { url } = await startServer();
  const [ada, bob] = [await SocketClient.connect(url), await SocketClient.connect(url)];
  for (const client of [ada, bob]) await client.subscribe(ROOM, 'room');

  await ada.chat({ type: 'ENTER', roomId: '7', sender: 'Ada', message: '' }, '1');
  await bob.chat({ type: 'TALK', roomId: '7', sender: 'Bob', message: '안녕' }, '2');

  for (const client of [ada, bob]) {
    const heard = client.frames.filter(({ command }) => command === 'MESSAGE');
    expect(heard.map(({ body }) => JSON.parse(body).message)).toEqual([
      'Ada님이 입장했습니다.',
      '안녕',
    ]);
    expect(heard.map(({ headers }) => headers['x-stream-offset'])).toEqual(['1', '2']);
  }
});

test.each([
  ['DISCONNECT', (client: SocketClient) => client.frame('DISCONNECT')],
  ['the loss of the connection', (client: SocketClient) => client.webSocket.terminate()],
])('a LEAVE that is followed at once by %s is the only one', async (_what, end) => {
  const { url } = await startServer({ graceMs: 30, gatherMs: 1 });
  const [ada, bob] = [await SocketClient.connect(url), await SocketClient.connect(url)];
  await bob.subscribe(ROOM, 'room');
  await bob.subscribe(`${ROOM}/presence`, 'presence');
  await ada.chat({ type: 'ENTER', roomId: '7', sender: 'Ada', message: '' }, '1');
  // Gathered together, her coming and going would cancel each other out.
  await bob.expectFrame('MESSAGE', ({ body }) => JSON.parse(body).joined?.includes('Ada') === true);
  const isGone = ({ body }: { body: string }) => JSON.parse(body).left?.includes('Ada') === true;

  const headers = { destination: '/app/chat/message' };
  ada.frame('SEND', headers, JSON.stringify({ type: 'LEAVE', roomId: '7', sender: 'Ada' }));
  end(ada);
  await bob.expectFrame('MESSAGE', isGone);
  // Someone else's grace, begun later, is over: hers would be as well.
  const late = await SocketClient.connect(url);
  await late.chat({ type: 'ENTER', roomId: '7', sender: 'Late' }, '1');
  late.webSocket.terminate();
  await bob.expectFrame('MESSAGE', ({ body }) => body.includes('Late님이 퇴장했습니다.'));

  const leaves = bob.frames.filter(({ body }) => body.includes('Ada님이 퇴장했습니다.'));
  expect(leaves).toHaveLength(1);
});
