import { EventEmitter, once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { Application } from '../../../broker/application/application.ts';
import { sendTo } from '../../../broker/application/reply.ts';
import { frameText } from '../../support/frame-text.ts';
import { startServer } from '../../support/start-server.ts';
import { turns } from '../../support/turns.ts';
import { PIPE_KINDS, Pipe } from './pipe.ts';
import { ask, xhrSend } from './raw-http.ts';
import { startEndpoint } from './start-endpoint.ts';
import { until } from './until.ts';

/** A handler that waits at a gate, and then publishes its message. */
class Gated {
  readonly application: Application;
  readonly #gate = new EventEmitter();
  calls = 0;

  constructor() {
    const opened = once(this.#gate, 'open');
    this.application = new Application().message('/slow', async (request) => {
      this.calls += 1;
      await opened;
      return { publish: [sendTo('/topic/slow', request.text().length)] };
    });
  }

  open(): void {
    this.#gate.emit('open');
  }
}

describe.each(PIPE_KINDS.map((kind) => [kind.name, kind] as const))('%s', (_name, kind) => {
  test('loses nothing while a handler waits', async () => {
    const gated = new Gated();
    const { url } = await startServer({}, { application: gated.application });
    const pipe = await Pipe.connect(kind, url);
    await pipe.subscribe('/topic/slow');
    const lengths = Array.from({ length: 100 }, (_, at) => 4_000 + at);

    for (const length of lengths) {
      pipe.frame('SEND', { destination: '/app/slow' }, 'x'.repeat(length));
    }
    await until(() => gated.calls === 1);
    await ask(`${url}/websc/info`);
    expect(gated.calls).toBe(1);
    gated.open();

    expect((await pipe.expectBodies(lengths.length)).map(Number)).toEqual(lengths);
  });
});

describe('a WebSocket that is paused', () => {
  test('is not read, and goes on where it stopped', async () => {
    const broker = await startEndpoint({ messageBytesMax: 1 << 20 });
    const webSocket = new WebSocket(`ws://127.0.0.1:${broker.port}/websc/websocket`);
    await once(webSocket, 'open');
    const [recorder] = broker.recorders;
    const bytesRead = () => recorder?.chunks.reduce((sum, { length }) => sum + length, 0) ?? 0;

    recorder?.transport.pause();
    // Many times the size of the buffers at both ends.
    for (let sent = 0; sent < 64; sent += 1) webSocket.send(Buffer.alloc(1 << 20, sent));
    await turns(200);
    const readWhilePaused = bytesRead();
    recorder?.transport.resume();
    await until(() => bytesRead() === 64 << 20);

    expect(readWhilePaused).toBeLessThan(2 << 20);
    const firsts = Buffer.concat(recorder?.chunks ?? []).filter((_, at) => at % (1 << 20) === 0);
    expect([...firsts]).toEqual(Array.from({ length: 64 }, (_, at) => at));
    webSocket.terminate();
  });
});

describe('xhr_send', () => {
  test('is answered when the handler has taken what it brought', async () => {
    const gated = new Gated();
    const { url } = await startServer({}, { application: gated.application });
    const session = `${url}/websc/000/abc`;
    await ask(`${session}/xhr`, { method: 'POST' });
    await xhrSend(session, frameText('CONNECT', { 'accept-version': '1.2', host: 'test' }));
    const send = frameText('SEND', { destination: '/app/slow' }, 'x'.repeat(50_000));

    let isAnswered = false;
    const held = xhrSend(session, send, send, send).then(({ status }) => {
      isAnswered = true;
      return status;
    });
    await until(() => gated.calls === 1);
    await ask(`${url}/websc/info`);
    expect(isAnswered).toBe(false);
    gated.open();

    expect(await held).toBe(204);
    await until(() => gated.calls === 3);
  });
});
