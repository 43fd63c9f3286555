import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { ThrottledLog } from '../../../broker/limits/throttled-log.ts';
import { Clients } from '../../../broker/transport/client-address.ts';
import { OriginPolicy } from '../../../broker/transport/origin.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryLog } from '../../support/memory-log.ts';

function policyOf(allowed: string[], trustProxy: string[] = []) {
  const log = memoryLog();
  const warnings = new ThrottledLog<'origin'>(log, new FakeClock());
  const policy = new OriginPolicy({ allowed, clients: new Clients(trustProxy), warnings });
  return { log, policy };
}

/** A socket with a peer at this address. */
function socketFrom(remoteAddress: string): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress });
}

const admits = (allowed: string[], headers: { host?: string; origin?: string }) =>
  policyOf(allowed).policy.admits({ headers, socket: new Socket() });

describe('the origin policy', () => {
  test.each([
    ['https://*.example.org', 'https://chat.example.org'],
    ['http://localhost:*', 'http://localhost:5173'],
    ['http://localhost:*', 'http://localhost'],
    ['http://*.test:*', 'http://a.test:81'],
    ['file://', 'file://'],
  ])('lists as %s the origin %s', (listed, origin) => {
    expect(admits([listed], { host: 'other.example', origin })).toBe(true);
  });

  test.each([
    ['https://*.example.org', 'https://example.org'],
    ['https://*.example.org', 'https://a.b.example.org'],
    ['https://*.example.org', 'http://chat.example.org'],
    ['https://*.example.org', 'https://chat.example.org.evil.example'],
    ['https://*.example.org', 'https://chatxexample.org'],
    ['http://localhost:*', 'http://localhost.evil.example'],
    ['http://localhost:*', 'http://localhost:80@evil.example'],
    ['http://localhost:*', 'https://localhost:80'],
  ])('does not list as %s the origin %s', (listed, origin) => {
    expect(admits([listed], { host: 'other.example', origin })).toBe(false);
  });

  test('admits clients that are not browsers', () => {
    expect(admits([], { host: 'chat.example' })).toBe(true);
    expect(admits([], {})).toBe(true);
  });

  test.each([
    ['http://chat.example', 'chat.example'],
    ['https://chat.example', 'Chat.Example'],
    ['http://chat.example:8080', 'chat.example:8080'],
    ['http://[::1]:8080', '[::1]:8080'],
    ['https://chat.example', 'chat.example:443'],
  ])('admits a page of %s at the host %s', (origin, host) => {
    expect(admits([], { host, origin })).toBe(true);
  });

  test.each([
    ['http://evil.example', 'chat.example'],
    ['http://chat.example.evil.example', 'chat.example'],
    ['http://chat.example:81', 'chat.example'],
    ['http://chat.example', 'chat.example:8080'],
    ['http://chat.example@evil.example', 'chat.example'],
    ['null', 'chat.example'],
    ['', 'chat.example'],
    ['chat.example', 'chat.example'],
  ])('refuses a page of "%s" at the host %s', (origin, host) => {
    expect(admits([], { host, origin })).toBe(false);
  });

  test('refuses a page where no host is named', () => {
    expect(admits([], { origin: 'http://chat.example' })).toBe(false);
  });

  test('admits the origins that are listed, to the letter', () => {
    const allowed = ['https://one.example', 'null'];

    expect(admits(allowed, { host: 'h', origin: 'https://one.example' })).toBe(true);
    expect(admits(allowed, { host: 'h', origin: 'null' })).toBe(true);
    expect(admits(allowed, { host: 'h', origin: 'http://one.example' })).toBe(false);
  });

  test('admits every origin with a star', () => {
    expect(admits(['*'], { host: 'h', origin: 'https://any.example' })).toBe(true);
  });

  test.each([
    ['https://chat.example', true],
    ['http://chat.example', false],
  ])('compares the scheme of %s where a trusted proxy says that it is https: %s', (origin, is) => {
    const { policy } = policyOf([], ['loopback']);
    const headers = { host: 'inner:8080', forwarded: 'proto=https;host=chat.example', origin };

    expect(policy.admits({ headers, socket: socketFrom('127.0.0.1') })).toBe(is);
  });

  test('goes by the Host of a peer that is not trusted, whatever it forwards', () => {
    const { policy } = policyOf([], ['10.0.0.1']);
    const headers = { host: 'a.example', forwarded: 'host=b.example', origin: 'https://b.example' };

    expect(policy.admits({ headers, socket: socketFrom('127.0.0.1') })).toBe(false);
  });

  test.each([
    ['https://evil.example', 'origin refused; --allow-origin https://evil.example lets it in'],
    ['null', 'origin refused; only pages with an origin of their own can be let in'],
    ['"; rm', 'origin refused; only pages with an origin of their own can be let in'],
  ])(
    'logs that it refuses %s, and proposes nothing that would let everybody in',
    (origin, text) => {
      const { log, policy } = policyOf([]);

      policy.admits({ headers: { host: 'h', origin }, socket: socketFrom('10.1.1.1') });

      expect(log.lines).toEqual([{ level: 'warn', text, fields: { origin, peer: '10.1.1.1' } }]);
    },
  );
});
