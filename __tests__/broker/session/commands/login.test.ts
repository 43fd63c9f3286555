import { describe, expect, test } from '@jest/globals';
import { Application } from '../../../../broker/application/application.ts';
import { reject } from '../../../../broker/application/rejection.ts';
import { sendTo } from '../../../../broker/application/reply.ts';
import { type Authenticate, authenticatorOf } from '../../../../broker/authentication.ts';
import { ConfigError } from '../../../../broker/config.ts';
import type { Login } from '../../../../broker/session/commands/login.ts';
import { frameText } from '../../../support/frame-text.ts';
import { memoryBroker } from '../../../support/memory-broker.ts';
import { turns } from '../../../support/turns.ts';

const CONNECT = { 'accept-version': '1.2', host: 'test', login: 'kim', passcode: 'secret' };

/** A hook whose answer the test gives. */
function slowHook() {
  const waiting: { give: (user: string | null) => void; fail: (error: unknown) => void }[] = [];
  const authenticate: Authenticate = () =>
    new Promise((give, fail) => {
      waiting.push({ give, fail });
    });
  const answer = async (user: string | null) => {
    waiting.shift()?.give(user);
    await turns();
  };
  const fail = async (error: unknown) => {
    waiting.shift()?.fail(error);
    await turns();
  };
  return { answer, authenticate, fail };
}

/** A hook that admits every client, and records the logins. */
function noting(logins: Login[]): Authenticate {
  return (login) => {
    logins.push(login);
    return null;
  };
}

/** A handler that answers with its caller. */
function whoAmI(): Application {
  return new Application().message('/who', ({ caller }) => ({
    publish: [sendTo('/topic/who', caller.user)],
  }));
}

describe('an authentication hook', () => {
  test('is given the login, the headers, the handshake, and where it comes from', () => {
    const logins: Login[] = [];
    const broker = memoryBroker({}, { authenticate: noting(logins) });

    const client = broker.open().frame('CONNECT', { ...CONNECT, token: 't' });

    expect(logins).toEqual([
      {
        handshake: { headers: { cookie: 'token=x' }, url: '/websc/websocket?room=7' },
        headers: Object.entries({ ...CONNECT, token: 't' }),
        host: 'test',
        login: 'kim',
        passcode: 'secret',
        peer: 'memory',
        sessionId: client.take()[0]?.headers.session,
      },
    ]);
  });

  test('is given null for what a client did not say', () => {
    const logins: Login[] = [];
    const broker = memoryBroker({}, { authenticate: noting(logins) });

    broker.open().frame('CONNECT', {});

    expect(logins[0]).toMatchObject({ host: null, login: null, passcode: null });
  });

  test.each([
    ['at once', () => 'Kim: 김'],
    ['later', async () => 'Kim: 김'],
  ])('that gives a name %s names the user, in CONNECTED and to handlers', async (_when, hook) => {
    const broker = memoryBroker({}, { application: whoAmI(), authenticate: hook });
    const client = broker.open().frame('CONNECT', CONNECT);
    await turns();

    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/who' });
    client.frame('SEND', { destination: '/app/who' });
    await turns();

    const [connected, message] = client.take();
    expect(connected?.headers['user-name']).toBe('Kim: 김');
    expect(message?.body).toBe('"Kim: 김"');
  });

  test('that gives null lets a client in without a name', () => {
    const client = memoryBroker({}, { authenticate: () => null }).open();

    client.frame('CONNECT', CONNECT);

    const [connected] = client.take();
    expect(connected?.command).toBe('CONNECTED');
    expect(connected?.headers['user-name']).toBeUndefined();
  });

  test.each([
    ['at once', () => reject('BAD_LOGIN', 'wrong name or password')],
    ['later', async () => reject('BAD_LOGIN', 'wrong name or password')],
  ])('that rejects %s ends the connection with an ERROR of that code', async (_when, hook) => {
    const broker = memoryBroker({}, { authenticate: hook });
    const client = broker.open().frame('CONNECT', CONNECT).frame('SUBSCRIBE', { id: '1' });
    await turns();

    expect(client.take()).toMatchObject([
      { command: 'ERROR', headers: { code: 'BAD_LOGIN', message: 'wrong name or password' } },
    ]);
    expect(client.closedWith).toEqual({ code: 1008, reason: 'REFUSED' });
    expect(broker.ended).toHaveLength(1);
  });

  test.each([
    ['throws', () => JSON.parse('{')],
    ['fails later', () => Promise.reject(new RangeError('the database is gone'))],
    // As a JavaScript caller could, without types.
    ['forgets to answer', () => JSON.parse('{}').name],
    ['gives a number', async () => JSON.parse('7')],
  ])('that %s ends the connection with INTERNAL, and is logged', async (_what, hook) => {
    const broker = memoryBroker({}, { authenticate: hook });
    const client = broker.open().frame('CONNECT', CONNECT);
    await turns();

    const [error] = client.take();
    expect(error?.headers.code).toBe('INTERNAL');
    expect(JSON.stringify(error)).not.toContain('database');
    expect(client.closedWith?.code).toBe(1011);
    expect(broker.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test.each([
    ['empty', ''],
    ['with a control character', 'a\nb'],
    ['with half a surrogate pair', 'a\ud800'],
    ['with a character that reverses the text', 'a\u202eb'],
    ['with a noncharacter', 'a\ufffe'],
    ['too long', '가'.repeat(257)],
  ])('that gives a name that is %s lets nobody in', (_what, name) => {
    const client = memoryBroker({}, { authenticate: () => name }).open();

    client.frame('CONNECT', CONNECT);

    expect(client.take()[0]?.headers.code).toBe('BAD_USER');
    expect(client.closedWith?.reason).toBe('REFUSED');
  });

  test('may give a name of 256 characters', () => {
    const name = '😀'.repeat(256);
    const client = memoryBroker({}, { authenticate: () => name }).open();

    client.frame('CONNECT', CONNECT);

    expect(client.take()[0]?.headers['user-name']).toBe(name);
  });

  test('never has its passcode logged', async () => {
    const broker = memoryBroker({}, { authenticate: () => reject('BAD_LOGIN', 'no') });

    broker.open().frame('CONNECT', CONNECT);

    expect(broker.log.lines).toHaveLength(1);
    expect(JSON.stringify(broker.log.lines)).not.toContain('secret');
  });
});

describe('while a login runs', () => {
  test('input is held, and handled when the client was let in', async () => {
    const { answer, authenticate } = slowHook();
    const broker = memoryBroker({}, { authenticate });
    const client = broker.open().frame('CONNECT', CONNECT);

    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x', receipt: 'r' });
    await turns();
    expect(client.take()).toEqual([]);
    await answer('kim');

    expect(client.take().map(({ command }) => command)).toEqual(['CONNECTED', 'RECEIPT']);
  });

  test('too much input stops the transport from reading', async () => {
    const { answer, authenticate } = slowHook();
    const broker = memoryBroker({}, { authenticate });
    const client = broker.open().frame('CONNECT', CONNECT);

    client.frame('SEND', { destination: '/topic/x' }, 'x'.repeat(70_000));
    expect(client.isPaused).toBe(true);
    await answer('kim');

    expect(client.isPaused).toBe(false);
  });

  test('a second CONNECT is still one too many', async () => {
    const { answer, authenticate } = slowHook();
    const client = memoryBroker({}, { authenticate }).open();

    client.frame('CONNECT', CONNECT).frame('CONNECT', CONNECT);
    await answer('kim');

    expect(client.take()[1]?.headers.code).toBe('ALREADY_CONNECTED');
  });

  test('a connection that is lost never becomes a connected session', async () => {
    const { answer, authenticate } = slowHook();
    const closed: string[] = [];
    const application = whoAmI().closed(({ sessionId }) => closed.push(sessionId));
    const broker = memoryBroker({}, { application, authenticate });
    const client = broker.open().frame('CONNECT', CONNECT);
    client.frame('SUBSCRIBE', { id: '1', destination: '/topic/x' });

    client.lose();
    expect(broker.ended).toHaveLength(1);
    await answer('kim');

    expect(client.take()).toEqual([]);
    expect(broker.index.has('/topic/x')).toBe(false);
    expect(closed).toEqual([]);
    expect(broker.ended).toHaveLength(1);
  });

  test('a hook that never answers is given up with CONNECT_TIMEOUT', async () => {
    const { answer, authenticate } = slowHook();
    const broker = memoryBroker({ connectTimeoutMs: 10_000 }, { authenticate });
    const client = broker.open().frame('CONNECT', CONNECT);

    broker.clock.advance(11_000);
    expect(client.take()[0]?.headers.code).toBe('CONNECT_TIMEOUT');
    expect(client.closedWith).toEqual({ code: 4002, reason: 'CONNECT_TIMEOUT' });
    await answer('kim');

    expect(client.take()).toEqual([]);
  });

  test('a server that stops closes the connection, and a late failure is only logged', async () => {
    const { authenticate, fail } = slowHook();
    const broker = memoryBroker({}, { authenticate });
    const client = broker.open().frame('CONNECT', CONNECT);

    broker.opened[0]?.close('DRAINING');
    await fail(new RangeError('late'));

    expect(client.closedWith).toEqual({ code: 1012, reason: 'DRAINING' });
    expect(client.take()).toEqual([]);
    expect(broker.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  test('frames after it are read by the rules of the version that was negotiated', async () => {
    const { answer, authenticate } = slowHook();
    const client = memoryBroker({}, { authenticate }).open();

    client.say(
      frameText('CONNECT') + frameText('SUBSCRIBE', { destination: ' /topic/x', receipt: ' r' }),
    );
    await answer(null);

    const [connected, receipt] = client.take();
    expect(connected?.headers.version).toBeUndefined();
    expect(receipt?.headers['receipt-id']).toBe('r');
  });
});

describe('a login that is trusted', () => {
  test("is the user's name", () => {
    const broker = memoryBroker({ trustLogin: true });
    const client = broker.open().frame('CONNECT', CONNECT);

    expect(client.take()[0]?.headers['user-name']).toBe('kim');
  });

  test('may be left out', () => {
    const client = memoryBroker({ trustLogin: true }).open().frame('CONNECT', { host: 'x' });

    expect(client.take()[0]?.command).toBe('CONNECTED');
  });

  test('is held to what a name may be', () => {
    const client = memoryBroker({ trustLogin: true }).open();

    client.frame('CONNECT', { ...CONNECT, login: '' });

    expect(client.take()[0]?.headers.code).toBe('BAD_USER');
  });

  test('together with a hook is a problem of the settings', () => {
    expect(() => authenticatorOf(() => null, true)).toThrow(ConfigError);
  });
});

test('without a hook login and passcode mean nothing', () => {
  const broker = memoryBroker();
  const client = broker.open().frame('CONNECT', CONNECT);

  expect(client.take()[0]?.headers['user-name']).toBeUndefined();
});
