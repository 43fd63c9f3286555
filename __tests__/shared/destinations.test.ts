import { describe, expect, test } from '@jest/globals';
import {
  CHAT_PATTERNS,
  chatDestinations,
  DEFAULT_ENDPOINT,
  DEFAULT_PREFIXES,
} from '../../shared/destinations.ts';
import * as names from '../../shared/header-names.ts';

describe('the chat’s destinations', () => {
  test('are those of PROTOCOL.md by default', () => {
    const chat = chatDestinations(DEFAULT_PREFIXES);

    expect(chat.lobby).toBe('/topic/chat/rooms');
    expect(chat.refusals).toBe('/user/queue/errors');
    expect(chat.send).toBe('/app/chat/message');
    expect(chat.roomOf('7')).toBe('/topic/chat/room/7');
    expect(chat.presenceOf('7')).toBe('/topic/chat/room/7/presence');
  });

  test('use the configured prefixes', () => {
    const chat = chatDestinations({ app: '/pub', queue: '/q', topic: '/sub', user: '/me' });

    expect(chat.lobby).toBe('/sub/chat/rooms');
    expect(chat.refusals).toBe('/me/queue/errors');
    expect(chat.send).toBe('/pub/chat/message');
    expect(chat.roomOf('a-b')).toBe('/sub/chat/room/a-b');
    expect(chat.presenceOf('a-b')).toBe('/sub/chat/room/a-b/presence');
  });

  test('are below the private destination of the application', () => {
    for (const pattern of [CHAT_PATTERNS.lobby, CHAT_PATTERNS.room, CHAT_PATTERNS.presence]) {
      expect(pattern.startsWith(CHAT_PATTERNS.private)).toBe(true);
    }
  });

  test('are served at the endpoint that existing clients use', () => {
    expect(DEFAULT_ENDPOINT).toBe('/websc');
  });
});

describe('header names beyond STOMP’s own', () => {
  test.each(Object.entries(names))('%s needs no escaping', (_key, name) => {
    expect(name).toMatch(/^x-[a-z-]+$/);
  });

  test('of positions begin with the prefix that is not passed on', () => {
    expect(names.STREAM_EPOCH.startsWith(names.STREAM_PREFIX)).toBe(true);
    expect(names.STREAM_OFFSET.startsWith(names.STREAM_PREFIX)).toBe(true);
  });
});
