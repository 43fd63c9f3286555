import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { Clients } from '../../../broker/transport/client-address.ts';

type Headers = Readonly<Record<string, string>>;

function clientOf(trustProxy: string[], headers: Headers, peer = '127.0.0.1') {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer });
  return new Clients(trustProxy).of({ headers: { host: 'inner:8080', ...headers }, socket });
}

const addressOf = (headers: Headers, trustProxy = ['loopback', '10.0.0.0/8']) =>
  clientOf(trustProxy, headers).address;

const FOR = 'x-forwarded-for';

describe('the client of a request', () => {
  test('is the peer, whatever the headers say, where no proxy is trusted', () => {
    const headers = {
      [FOR]: '192.0.2.1',
      'x-forwarded-host': 'outer',
      forwarded: 'for=192.0.2.1;proto=https',
    };

    const direct = { address: '127.0.0.1', host: 'inner:8080', scheme: null };
    expect(clientOf([], headers)).toEqual(direct);
    expect(clientOf(['10.0.0.0/8'], headers)).toEqual(direct);
  });

  test.each([
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['10.1.2.3', '10.0.0.0/8'],
    ['::ffff:10.1.2.3', '10.0.0.0/8'],
    ['2001:db8::7', '2001:db8::/32'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('is what the peer %s says, where %s is trusted', (peer, trusted) => {
    expect(clientOf([trusted], { [FOR]: '192.0.2.1' }, peer).address).toBe('192.0.2.1');
  });

  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['192.0.2.1, 10.0.0.2', '192.0.2.1'],
    ['made-up, 192.0.2.1, 10.0.0.2, 10.0.0.1', '192.0.2.1'],
    ['198.51.100.9, 192.0.2.1', '192.0.2.1'],
    ['192.0.2.1, unknown', '127.0.0.1'],
    ['192.0.2.1, 999.0.0.1, 10.0.0.1', '10.0.0.1'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['', '127.0.0.1'],
    [',,', '127.0.0.1'],
    ['unix:', '127.0.0.1'],
  ])('of X-Forwarded-For "%s" is %s', (header, address) => {
    expect(addressOf({ [FOR]: header })).toBe(address);
  });

  test.each([
    ['for=192.0.2.1', '192.0.2.1'],
    ['For="192.0.2.1:4711"; proto=http', '192.0.2.1'],
    ['for="[2001:db8::1]:4711"', '2001:db8::1'],
    ['for="[2001:db8::1]:_port"', '2001:db8::1'],
    ['for=198.51.100.9, for=192.0.2.1;by=10.0.0.1, for=10.0.0.2', '192.0.2.1'],
    ['for=192.0.2.1, for=unknown', '127.0.0.1'],
    ['for=192.0.2.1, for=_hidden, for=10.0.0.2', '10.0.0.2'],
    ['for="a\\", for=192.0.2.7", for=192.0.2.1', '192.0.2.1'],
    ['for=192.0.2.9, for="broken, for=192.0.2.1', '127.0.0.1'],
    ['192.0.2.1', '127.0.0.1'],
    ['for=192.0.2.1;;', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('of Forwarded "%s" is %s', (header, address) => {
    expect(addressOf({ forwarded: header })).toBe(address);
  });

  test('is the proxy itself where the two kinds of headers do not agree on it', () => {
    expect(addressOf({ forwarded: 'for=192.0.2.9', [FOR]: '192.0.2.1' })).toBe('127.0.0.1');
    expect(addressOf({ forwarded: 'for=192.0.2.1', [FOR]: '192.0.2.1' })).toBe('192.0.2.1');
  });

  test('asked for the host and the scheme that the trusted hop next to it saw', () => {
    const trusted = ['loopback', '10.0.0.0/8'];
    const seen = { host: 'chat.example', scheme: 'https' };

    for (const headers of [
      { forwarded: 'for=1.1.1.1;host=evil, for=192.0.2.1;host=chat.example;proto=https' },
      {
        forwarded:
          'for=192.0.2.1;host=chat.example;proto=https, for=10.0.0.1;host=inner;proto=http',
      },
      {
        [FOR]: '192.0.2.1, 10.0.0.1',
        'x-forwarded-host': 'chat.example',
        'x-forwarded-proto': 'HTTPS',
      },
      {
        [FOR]: '1.1.1.1, 192.0.2.1, 10.0.0.1',
        'x-forwarded-host': 'evil, chat.example, inner',
        'x-forwarded-proto': 'http, wss, http',
      },
    ]) {
      expect(clientOf(trusted, headers)).toEqual({ address: '192.0.2.1', ...seen });
    }
    expect(
      clientOf(trusted, { 'x-forwarded-host': 'chat.example', 'x-forwarded-proto': 'https' }),
    ).toEqual({ address: '127.0.0.1', ...seen });
  });

  test.each(['', 'a b', 'evil/../x', 'a@b', 'a,'.repeat(3), '[::1', 'x'.repeat(300)])(
    'asked for the Host of the request where the forwarded one is "%s"',
    (host) => {
      const headers = {
        [FOR]: '192.0.2.1',
        'x-forwarded-host': host,
        'x-forwarded-proto': 'gopher',
      };

      expect(clientOf(['loopback'], headers)).toMatchObject({ host: 'inner:8080', scheme: null });
    },
  );

  test('is found in a header of the largest size without delay', () => {
    const many = Array.from({ length: 1_000 }, () => '10.0.0.1').join(',');

    expect(addressOf({ [FOR]: `192.0.2.1,${many}` })).toBe('192.0.2.1');
    expect(addressOf({ forwarded: `for="${'\\a'.repeat(8_000)}` })).toBe('127.0.0.1');
  });
});
