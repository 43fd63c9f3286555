import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Answer, ask, begin, open, xhrSend } from '../raw-http.ts';
import { type StartedEndpoint, startEndpoint } from '../start-endpoint.ts';
import { until } from '../until.ts';

/** The limit that `startEndpoint` sets. */
const BODY_BYTES_MAX = 1_000;

let broker: StartedEndpoint;
let session: string;

beforeEach(async () => {
  broker = await startEndpoint();
  session = `${broker.url}/websc/000/abc`;
  await ask(`${session}/xhr`, { method: 'POST' });
});

const post = (body: string, headers: Record<string, string> = {}): Promise<Answer> =>
  ask(`${session}/xhr_send`, { method: 'POST', body, headers });

/** Sends without a length; resolves with the status, even if the body was not read to its end. */
function postChunked(chunks: readonly string[]): Promise<number> {
  const request = begin(`${session}/xhr_send`, { method: 'POST' });
  for (const chunk of chunks) request.write(chunk);
  request.end();
  return new Promise((resolve, reject) => {
    request.once('response', (response) => resolve(response.resume().statusCode ?? 0));
    request.once('error', reject);
  });
}

describe('xhr_send', () => {
  test('hands the texts on and answers 204', async () => {
    const { headers, status, text } = await xhrSend(session, 'one\0', 'two\0');

    expect([status, text]).toEqual([204, '']);
    expect(headers['content-type']).toBe('text/plain; charset=UTF-8');
    expect(broker.recorders[0]?.chunks.map(String)).toEqual(['one\0', 'two\0']);
  });

  test('joins an emoji that two requests bring', async () => {
    await xhrSend(session, 'a\ud83d');
    await xhrSend(session, '\ude00b');

    expect(broker.recorders[0]?.text).toBe('a😀b');
  });

  test('takes a body in chunks, cut within a character', async () => {
    const request = begin(`${session}/xhr_send`, { method: 'POST' });
    const body = Buffer.from('["한"]');
    request.write(body.subarray(0, 3));
    request.end(body.subarray(3));
    await new Promise((resolve) => request.once('response', resolve));

    expect(broker.recorders[0]?.text).toBe('한');
  });

  test('knows a session by its name alone, whatever the server segment says', async () => {
    await xhrSend(`${broker.url}/websc/999/abc`, 'one');

    expect(broker.recorders[0]?.text).toBe('one');
  });

  test('answers 404 where there is no such session', async () => {
    expect((await xhrSend(`${broker.url}/websc/000/nobody`, 'x')).status).toBe(404);
  });

  test.each(['', ' ', '[1]', '[{"a":1}]', 'null', '[null]', '["a",2]'])(
    'answers 500 to %j, and takes nothing of it',
    async (body) => {
      const { status, text } = await post(body);

      expect(status).toBe(500);
      expect(text).toBe(body === ' ' ? 'Broken JSON encoding.' : 'Payload expected.');
      expect(broker.recorders[0]?.chunks).toEqual([]);
    },
  );

  test('answers 500 to broken JSON', async () => {
    expect(await post('["x')).toMatchObject({ status: 500, text: 'Broken JSON encoding.' });
  });

  test('takes a body of exactly the limit', async () => {
    const { status } = await post(`["${'x'.repeat(BODY_BYTES_MAX - 4)}"]`);

    expect(status).toBe(204);
  });

  test('answers 413 to a body that says it is too large', async () => {
    const { status } = await post(`["${'x'.repeat(BODY_BYTES_MAX)}"]`);

    expect(status).toBe(413);
    expect(broker.recorders[0]?.chunks).toEqual([]);
  });

  test('answers 413 to a body that turns out to be too large', async () => {
    expect(await postChunked(['["', 'x'.repeat(BODY_BYTES_MAX), '"]'])).toBe(413);
    expect(broker.recorders[0]?.chunks).toEqual([]);
  });

  test.each(['by its length', 'in chunks'])('answers 413 to many megabytes %s', async (how) => {
    const body = 'x'.repeat(8 << 20);

    const status = how === 'in chunks' ? await postChunked([body]) : (await post(body)).status;

    expect(status).toBe(413);
  });

  test('takes the next send after one that broke off', async () => {
    const gone = new Promise((resolve) => {
      broker.http.once('request', ({ socket }) => socket.once('close', resolve));
    });
    const request = begin(`${session}/xhr_send`, { method: 'POST' });
    request.on('error', () => undefined);
    request.write('["half');
    broker.http.once('request', () => request.destroy());
    await gone;

    expect((await xhrSend(session, 'whole')).status).toBe(204);
    expect(broker.recorders[0]?.text).toBe('whole');
  });

  test('is answered when the session is read again, and refuses a second one until then', async () => {
    broker.recorders[0]?.transport.pause();

    let isAnswered = false;
    const held = xhrSend(session, 'held').then((answer) => {
      isAnswered = true;
      return answer;
    });
    await until(() => broker.recorders[0]?.text === 'held');
    const second = await xhrSend(session, 'too early');
    expect([second.status, isAnswered]).toEqual([500, false]);
    broker.recorders[0]?.transport.resume();

    expect((await held).status).toBe(204);
    expect((await xhrSend(session, ' and on')).status).toBe(204);
    expect(broker.recorders[0]?.text).toBe('held and on');
  });

  test('is answered though its session ends meanwhile', async () => {
    broker.recorders[0]?.transport.pause();
    const held = xhrSend(session, 'held');
    await until(() => broker.recorders[0]?.text === 'held');

    broker.recorders[0]?.transport.close(1012, 'DRAINING');

    expect((await held).status).toBe(204);
  });

  test('takes nothing more once the session closes', async () => {
    broker.recorders[0]?.transport.close(1012, 'DRAINING');

    const { status } = await xhrSend(session, 'late');

    expect(status).toBe(204);
    expect(broker.recorders[0]?.text).toBe('');
  });

  test('lets the page that asked read its answer', async () => {
    const { headers } = await post('["x"]', { Origin: broker.url });

    expect(headers['access-control-allow-origin']).toBe(broker.url);
    expect(headers['access-control-allow-credentials']).toBe('true');
    expect(headers.vary).toBe('Origin');
  });

  test.each(['GET', 'PUT'])('answers 405 to a %s', async (method) => {
    const response = await open(`${session}/xhr_send`, { method });

    expect(response.resume().statusCode).toBe(405);
    expect(broker.connections.total).toBe(1);
  });
});
