import { describe, expect, test } from '@jest/globals';
import { type CompatClient, type IMessage, Stomp } from '@stomp/stompjs';
import SockJS from 'sockjs-client';
import { startServer } from '../../support/start-server.ts';

// The way of the old library in the new one, as many a page still has it.

function connect(client: CompatClient): Promise<void> {
  client.debug = () => undefined;
  return new Promise((resolve, reject) => {
    client.connect({}, () => resolve(), reject);
  });
}

describe('Stomp.over of @stomp/stompjs', () => {
  test('talks in a room over SockJS', async () => {
    const { url } = await startServer();
    const client = Stomp.over(() => new SockJS(`${url}/websc`));
    await connect(client);
    const heard = new Promise<IMessage>((resolve) => {
      client.subscribe('/topic/chat/room/7', resolve);
    });

    const message = { type: 'ENTER', roomId: 7, sender: 'Ada', message: '' };
    client.send('/app/chat/message', {}, JSON.stringify(message));

    const { body, headers } = await heard;
    expect(JSON.parse(body)).toMatchObject({ message: 'Ada님이 입장했습니다.', roomId: 7 });
    expect(headers['x-stream-offset']).toBe('1');
    await new Promise<void>((resolve) => client.disconnect(() => resolve()));
  });

  test('is told by an ERROR what it did wrong', async () => {
    const { url } = await startServer();
    const client = Stomp.over(() => new SockJS(`${url}/websc`));
    await connect(client);
    client.reconnect_delay = 0;
    const told = new Promise<string>((resolve) => {
      client.onStompError = ({ headers }) => resolve(`${headers.code}`);
    });
    const closed = new Promise<number>((resolve) => {
      client.onWebSocketClose = ({ code }) => resolve(code);
    });

    client.subscribe('/topic/chat/room/no such room', () => undefined);

    expect(await told).toBe('BAD_ROOM_ID');
    expect(await closed).toBe(1008);
  });
});
