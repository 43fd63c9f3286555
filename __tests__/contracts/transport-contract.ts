// What every transport owes the session that it carries. Each test speaks raw STOMP to a whole
// server, through a client of that transport that others wrote.

import { expect, test } from '@jest/globals';
import { endingOf, Pipe, type PipeKind } from '../broker/transport/pipe.ts';
import { ask } from '../broker/transport/raw-http.ts';
import { until } from '../broker/transport/until.ts';
import { frameText } from '../support/frame-text.ts';
import { SocketClient } from '../support/socket-client.ts';
import { startServer } from '../support/start-server.ts';

const TOPIC = '/topic/pipe';
/** What a wire in JSON, in lines or in UTF-16 is likely to damage. */
const HOSTILE =
  '안녕 👋🏽 "quoted" \\back\\slash\\n \u2028\u2029 \u0001\u001f\u007f \ufeff %41 100% \r\n end';

export function transportContract(kind: PipeKind): void {
  test('carries what is said both ways, in order', async () => {
    const { url } = await startServer();
    const pipe = await Pipe.connect(kind, url);
    await pipe.subscribe(TOPIC);
    const bodies = Array.from({ length: 60 }, (_, at) => `message ${at}`);

    for (const body of bodies) pipe.frame('SEND', { destination: TOPIC }, body);

    expect(await pipe.expectBodies(bodies.length)).toEqual(bodies);
  });

  test.each([1, 2, 3, 64])('takes frames in pieces of %i', async (size) => {
    const { url } = await startServer();
    const pipe = await Pipe.connect(kind, url);
    await pipe.subscribe(TOPIC);

    pipe.sayInPieces(frameText('SEND', { destination: TOPIC, 'x-mood': '😀' }, '한글 😀😃'), size);

    const { body, headers } = await pipe.expectFrame('MESSAGE');
    expect([body, headers['x-mood']]).toEqual(['한글 😀😃', '😀']);
  });

  test('takes several frames in one message', async () => {
    const { url } = await startServer();
    const pipe = await Pipe.connect(kind, url);
    const send = (body: string) => frameText('SEND', { destination: TOPIC }, body);

    const subscribe = frameText('SUBSCRIBE', { destination: TOPIC, id: '1' });
    pipe.say(`${subscribe}\n${send('one')}\r\n${send('two')}${send('three')}`);

    expect(await pipe.expectBodies(3)).toEqual(['one', 'two', 'three']);
  });

  test('delivers every character as it was', async () => {
    const { url } = await startServer();
    const pipe = await Pipe.connect(kind, url);
    await pipe.subscribe(TOPIC);

    const headers = { destination: TOPIC, 'content-length': `${Buffer.byteLength(HOSTILE)}` };
    pipe.frame('SEND', headers, HOSTILE);

    expect((await pipe.expectFrame('MESSAGE')).body).toBe(HOSTILE);
  });

  test('delivers more than one response or one buffer holds, each message once', async () => {
    const { url } = await startServer();
    const pipe = await Pipe.connect(kind, url);
    await pipe.subscribe(TOPIC);
    const bodies = Array.from({ length: 60 }, (_, at) => `${at} ${'가'.repeat(5_000)}`);

    for (const body of bodies) pipe.frame('SEND', { destination: TOPIC }, body);
    const received = await pipe.expectBodies(bodies.length);

    expect(received).toEqual(bodies);
  });

  test('delivers a body that is no UTF-8 as binary, or says that it left it out', async () => {
    const { url } = await startServer();
    const pipe = await Pipe.connect(kind, url);
    await pipe.subscribe(TOPIC);
    const sender = await SocketClient.connect(url);

    const head = `SEND\ndestination:${TOPIC}\ncontent-length:3\n\n`;
    sender.say(Buffer.concat([Buffer.from(head), Buffer.from([0xff, 0x00, 0xfe]), Buffer.of(0)]));
    sender.frame('SEND', { destination: TOPIC }, 'text again');
    const { body, headers } = await pipe.expectFrame('MESSAGE');

    expect(body).toBe(kind.carriesBinary ? '\ufffd\0\ufffd' : '');
    expect(headers['x-body-omitted']).toBe(kind.carriesBinary ? undefined : 'binary');
    expect((await pipe.expectFrame('MESSAGE')).body).toBe('text again');
    expect(pipe.binary.filter(Boolean)).toHaveLength(kind.carriesBinary ? 1 : 0);
  });

  test('tells its client that the server stops', async () => {
    const { server, url } = await startServer();
    const pipe = await Pipe.connect(kind, url);

    const stopped = server.stop();

    expect(await pipe.expectClose()).toEqual(endingOf(kind, { code: 1012, reason: 'DRAINING' }));
    await stopped;
  });

  test('says what was wrong, then closes with the code for it', async () => {
    const { url } = await startServer();
    const pipe = await Pipe.connect(kind, url);

    pipe.frame('SEND', { receipt: '7' }, 'nowhere');
    const { headers } = await pipe.expectFrame('ERROR');

    expect(headers['receipt-id']).toBe('7');
    expect(await pipe.expectClose()).toEqual(
      endingOf(kind, { code: 1002, reason: 'PROTOCOL_ERROR' }),
    );
  });

  test('ends the session when its client closes', async () => {
    const { server, url } = await startServer();
    const pipe = await Pipe.connect(kind, url);
    expect(server.sessionCount).toBe(1);
    // Between two polls SockJS gives a client 5 s to come back: here the next one has begun.
    for (let time = 0; time < 2; time += 1) await ask(`${url}/websc/info`);

    await pipe.close();

    await until(() => server.sessionCount === 0);
  });

  test('closes normally after a DISCONNECT, its receipt before', async () => {
    const { url } = await startServer();
    const pipe = await Pipe.connect(kind, url);

    pipe.frame('DISCONNECT', { receipt: 'bye' });
    const { headers } = await pipe.expectFrame('RECEIPT');

    expect(headers['receipt-id']).toBe('bye');
    expect(await pipe.expectClose()).toEqual(endingOf(kind, { code: 1000, reason: 'CLIENT_LEFT' }));
  });
}
