import { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { silentLog } from '../../../broker/log.ts';
import { OriginPolicy } from '../../../broker/transport/origin.ts';

const admits = (allowed: string[], headers: { host?: string; origin?: string }) =>
  new OriginPolicy(allowed, silentLog).admits({ headers, socket: new Socket() });

describe('the origin policy', () => {
  test('admits who is no browser', () => {
    expect(admits([], { host: 'chat.example' })).toBe(true);
    expect(admits([], {})).toBe(true);
  });

  test.each([
    ['http://chat.example', 'chat.example'],
    ['https://chat.example', 'Chat.Example'],
    ['http://chat.example:8080', 'chat.example:8080'],
    ['http://[::1]:8080', '[::1]:8080'],
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
});
