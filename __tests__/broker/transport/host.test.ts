import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { ThrottledLog } from '../../../broker/limits/throttled-log.ts';
import { Clients } from '../../../broker/transport/client-address.ts';
import { HostPolicy } from '../../../broker/transport/host.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';

interface Terms {
  readonly at?: string;
  readonly allowHost?: string[];
  readonly allowOrigin?: string[];
  readonly trustProxy?: string[];
}

function policyOf(terms: Terms = {}) {
  const { at = '127.0.0.1', allowHost = [], allowOrigin = [], trustProxy = [] } = terms;
  const log = memoryLog();
  const clients = new Clients(trustProxy);
  const warnings = new ThrottledLog<'host'>(log, new FakeClock());
  const policy = new HostPolicy({ allowHost, allowOrigin, clients, warnings });
  policy.listensAt(at);
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: '127.0.0.1' });
  const admits = (host: string | undefined, more: Record<string, string> = {}) =>
    policy.admits({ headers: { ...more, ...(host === undefined ? {} : { host }) }, socket });
  return { admits, log };
}

describe('a server on a loopback address', () => {
  test.each([
    'localhost',
    'LOCALHOST:8080',
    'localhost.',
    'chat.localhost',
    'a.chat.localhost:1',
    '127.0.0.1:8080',
    '127.9.9.9',
    '[::1]:8080',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
  ])('answers to %s', (host) => {
    expect(policyOf().admits(host)).toBe(true);
    expect(policyOf({ at: '::1' }).admits(host)).toBe(true);
  });

  test.each([
    'chat.example',
    'chat.example:8080',
    'localhost.evil.example',
    'notlocalhost',
    '192.168.0.1',
    '0.0.0.0',
    '[::]',
    '128.0.0.1',
    'evil@localhost',
    'localhost/x',
    'localhost, evil',
    '[::1',
    'é',
  ])('does not answer to %s', (host) => {
    expect(policyOf().admits(host)).toBe(false);
  });

  test('answers to more names that are listed, and to the hosts of allowed origins', () => {
    const { admits } = policyOf({
      allowHost: ['Chat.example', '2001:DB8::1', '[2001:db8::2]'],
      allowOrigin: ['https://page.example:444', '*', 'null'],
    });

    for (const host of ['chat.EXAMPLE:1', '[2001:db8::1]', '[2001:db8::2]:8', 'page.example'])
      expect(admits(host)).toBe(true);
    expect(admits('localhost')).toBe(true);
    expect(admits('other.example')).toBe(false);
  });

  test('answers to every name with a star', () => {
    expect(policyOf({ allowHost: ['*'] }).admits('any.example')).toBe(true);
  });

  test('answers where no name was given, because every browser gives one', () => {
    expect(policyOf().admits(undefined)).toBe(true);
    expect(policyOf().admits('')).toBe(true);
  });

  test('goes by the forwarded host of a trusted proxy, and by that of no other', () => {
    const forwarded = { forwarded: 'host=chat.example' };
    const trusting = policyOf({ allowHost: ['chat.example'], trustProxy: ['loopback'] });

    expect(trusting.admits('inner', forwarded)).toBe(true);
    expect(trusting.admits('localhost', { forwarded: 'host=evil.example' })).toBe(false);
    expect(policyOf({ allowHost: ['chat.example'] }).admits('inner', forwarded)).toBe(false);
  });

  test('logs a refusal with the setting that would let it in', () => {
    const { admits, log } = policyOf();

    admits('Chat.Example:8080');

    expect(log.lines).toEqual([
      {
        level: 'warn',
        fields: { host: 'Chat.Example:8080', peer: '127.0.0.1' },
        text: 'host refused; --allow-host chat.example lets it in',
      },
    ]);
  });
});

describe.each(['0.0.0.0', '::', '192.168.0.1', '2001:db8::1'])('a server on %s', (at) => {
  test('answers to every name', () => {
    expect(policyOf({ at }).admits('any.example')).toBe(true);
    expect(policyOf({ at, allowOrigin: ['https://page.example'] }).admits('any.example')).toBe(
      true,
    );
  });

  test('answers to those that are listed alone, once any is', () => {
    const { admits } = policyOf({
      at,
      allowHost: ['chat.example'],
      allowOrigin: ['https://page.example'],
    });

    for (const host of ['chat.example', 'page.example', 'chat.localhost', 'localhost'])
      expect(admits(host)).toBe(true);
    for (const host of ['any.example', '127.0.0.1', '192.168.0.1'])
      expect(admits(host)).toBe(false);
  });
});
