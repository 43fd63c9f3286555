import { describe, expect, test } from '@jest/globals';
import type { RoomList } from '../../../shared/rooms.ts';
import { afterLobby, type LobbyMessage } from '../../../shared/rooms.ts';
import { chatHarness } from '../../support/chat-harness.ts';

const enter = (roomId: string, sender: string) => ({ type: 'ENTER', roomId, sender, message: '' });

describe('the list of rooms', () => {
  test('is made once for all who ask, however many come meanwhile', async () => {
    const chat = chatHarness({ gatherMs: 250 });
    const bodies = new Set<Buffer>();

    for (let at = 0; at < 50; at += 1) {
      await chat.say(`s${at}`, enter(`${at}`, 'Kim'));
      for (const path of ['/chat/rooms', '/chat/rooms']) {
        bodies.add(chat.bodyOf(chat.application.open(path, chat.asked(`s${at}`, ''))));
        bodies.add(await chat.answered('/chat/rooms'));
      }
      bodies.add(chat.rooms.encodedList().body);
    }
    expect(bodies.size).toBe(1);

    chat.clock.advance(250);
    const next = chat.rooms.encodedList();
    expect(bodies.has(next.body)).toBe(false);
    expect(JSON.parse(next.body.toString())).toEqual(chat.rooms.list());
    expect(chat.rooms.encodedList()).toBe(next);
  });

  test('with what the lobby is told afterwards is the list as it is', async () => {
    const chat = chatHarness({ gatherMs: 250 });
    await chat.say('s1', enter('1', 'Kim'));
    chat.rooms.encodedList();
    await chat.say('s2', enter('2', 'Lee'));
    await chat.say('s3', enter('1', 'Park'));

    // A new subscriber gets the earlier list, and then the change.
    let list: RoomList | null = JSON.parse(chat.rooms.encodedList().body.toString());
    await chat.lobby();
    chat.clock.advance(250);
    for (const change of await chat.lobby())
      list = afterLobby(list, change as unknown as LobbyMessage);

    expect(list).toEqual(chat.rooms.list());
    expect(list?.rooms).toMatchObject([
      { roomId: '1', people: 2 },
      { roomId: '2', people: 1 },
    ]);
  });

  test('has another tag when it is another', async () => {
    const chat = chatHarness({ gatherMs: 250 });
    const before = chat.rooms.encodedList().tag;
    await chat.say('s1', enter('1', 'Kim'));
    chat.clock.advance(250);

    expect(chat.rooms.encodedList().tag).not.toBe(before);
  });
});

describe('the state of presence', () => {
  test('is made once for all who ask between two changes', async () => {
    const chat = chatHarness({ gatherMs: 250 });
    const state = () =>
      chat.bodyOf(chat.application.open('/chat/room/7/presence', chat.asked('looker', '')));
    await chat.enter('s1', 'Kim');
    chat.clock.advance(250);

    const first = state();
    await chat.enter('s2', 'Lee');
    expect(state()).toBe(first);
    chat.clock.advance(250);

    expect(JSON.parse(state().toString())).toMatchObject({ count: 2, people: ['Kim', 'Lee'] });
    expect(state()).toBe(state());
  });
});
