import { describe, expect, test } from '@jest/globals';
import { knowTcpPort } from '../../support/start-server.ts';
import { startTestBroker } from '../../support/start-test-broker.ts';
import { PIPE_KINDS, Pipe, type PipeKind } from '../transport/pipe.ts';

const KINDS = PIPE_KINDS.map((kind) => [kind.name, kind] as const);

async function connected(kind: PipeKind) {
  const broker = startTestBroker({ stopMs: 300 });
  const { tcpPort, url } = await broker.listen();
  knowTcpPort(url, tcpPort);
  const pipe = await Pipe.connect(kind, url);
  return { broker, pipe };
}

describe.each(KINDS)('over %s', (_name, kind) => {
  test('a RECEIPT is lost, and what it is for has happened', async () => {
    const { broker, pipe } = await connected(kind);
    broker.faults.dropReceipts();

    pipe.frame('SUBSCRIBE', { id: '1', destination: '/topic/x', receipt: 'lost' });
    pipe.frame('SEND', { destination: '/topic/x', receipt: 'told' }, 'hi');

    expect((await pipe.expectFrame('MESSAGE')).body).toBe('hi');
    expect((await pipe.expectFrame('RECEIPT')).headers['receipt-id']).toBe('told');
  });

  test('readers freeze, and thaw to what was sent meanwhile', async () => {
    const { broker, pipe } = await connected(kind);
    await pipe.subscribe('/topic/x');
    broker.faults.freezeReaders();
    await broker.publish('/topic/x', 'one');
    await broker.publish('/topic/x', 'two');

    broker.faults.thaw();

    expect(await pipe.expectBodies(2)).toEqual(['one', 'two']);
  });

  test('a frame is cut, and the connection is gone', async () => {
    const { broker, pipe } = await connected(kind);
    await pipe.subscribe('/topic/x');

    broker.faults.cutFrame();
    await broker.publish('/topic/x', 'never whole');

    expect(await pipe.expectClose()).not.toMatchObject({ code: 1012 });
    await expect(pipe.expectFrame('MESSAGE')).rejects.toThrow();
  });

  test('connections end without a word', async () => {
    const { broker, pipe } = await connected(kind);

    broker.faults.disconnectAll();

    expect(await pipe.expectClose()).not.toMatchObject({ code: 1012 });
  });
});
