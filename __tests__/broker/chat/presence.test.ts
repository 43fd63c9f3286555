import { describe, expect, test } from '@jest/globals';
import { chatHarness } from '../../support/chat-harness.ts';

const GATHER_MS = 250;
const GRACE_MS = 10_000;
const PRESENCE = '/chat/room/7/presence';

const types = (messages: Record<string, unknown>[]) => messages.map(({ type }) => type);

async function stateOf(chat: ReturnType<typeof chatHarness>) {
  chat.clock.advance(GATHER_MS);
  const answer = chat.open(PRESENCE);
  return answer.type === 'answered' ? answer.value : null;
}

describe('who is in a room', () => {
  test('is told as a state, then as changes gathered for a while', async () => {
    const chat = chatHarness();
    expect(chat.open(PRESENCE)).toEqual({
      type: 'answered',
      value: { type: 'STATE', roomId: '7', version: 0, count: 0, people: [] },
    });

    await chat.enter('s1', 'Kim');
    await chat.enter('s2', 'Lee');
    expect(await chat.presence()).toEqual([]);
    chat.clock.advance(GATHER_MS);

    expect(await chat.presence()).toEqual([
      { type: 'CHANGE', roomId: '7', version: 1, count: 2, joined: ['Kim', 'Lee'], left: [] },
    ]);
    expect(await stateOf(chat)).toMatchObject({ count: 2, people: ['Kim', 'Lee'], version: 1 });
  });

  test('counts people, not tabs, by trimmed and normalised name', async () => {
    const chat = chatHarness();

    await chat.enter('s1', '김');
    await chat.enter('s2', ' 김 ');
    await chat.enter('s3', '김'.normalize('NFD'));

    expect(await stateOf(chat)).toMatchObject({ count: 1, people: ['김'] });
  });

  test('is nobody through TALK alone', async () => {
    const chat = chatHarness();

    await chat.say('s1', { type: 'TALK', roomId: '7', sender: 'Kim', message: 'a' });

    expect(await stateOf(chat)).toMatchObject({ count: 0 });
  });

  test('does not change through coming and going within one while', async () => {
    const chat = chatHarness();

    await chat.enter('s1', 'Kim');
    await chat.leave('s1', 'Kim');
    chat.clock.advance(GATHER_MS);

    expect(await chat.presence()).toEqual([]);
  });

  test('never counts versions backwards, even when the room was empty in between', async () => {
    const chat = chatHarness();
    const versions: unknown[] = [];

    for (const session of ['s1', 's2']) {
      await chat.enter(session, 'Kim');
      chat.clock.advance(GATHER_MS);
      await chat.leave(session, 'Kim');
      chat.clock.advance(GATHER_MS);
    }
    for (const { version } of await chat.presence()) versions.push(version);

    expect(versions).toEqual([1, 2, 3, 4]);
  });

  test('is at most so many names, with the count of all', async () => {
    const chat = chatHarness({ presenceNamesMax: 3, chatRate: 0 });

    for (let one = 0; one < 10; one += 1) await chat.enter('s1', `person ${one}`);
    chat.clock.advance(GATHER_MS);

    const [change] = await chat.presence();
    expect(change).toMatchObject({ count: 10 });
    expect(change?.joined).toHaveLength(3);
    expect(await stateOf(chat)).toMatchObject({ count: 10, people: { length: 3 } });
  });
});

describe('a person who leaves', () => {
  test('by LEAVE is gone at once, and no second LEAVE follows', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');

    await chat.leave('s1', 'Kim');
    chat.close('s1');
    chat.clock.advance(2 * GRACE_MS);

    expect(types(await chat.inRoom())).toEqual(['ENTER', 'LEAVE']);
    expect(await stateOf(chat)).toMatchObject({ count: 0 });
  });

  test('by losing the connection gets one LEAVE after the grace', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    await chat.inRoom();

    chat.close('s1');
    chat.clock.advance(GRACE_MS - 1);
    expect(await chat.inRoom()).toEqual([]);
    chat.clock.advance(1);

    expect(await chat.inRoom()).toMatchObject([
      { type: 'LEAVE', roomId: '7', sender: 'Kim', message: 'Kim님이 퇴장했습니다.' },
    ]);
    expect(await stateOf(chat)).toMatchObject({ count: 0 });
  });

  test('is there until the last of their tabs is closed', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    await chat.enter('s2', 'Kim');
    await chat.inRoom();

    chat.close('s1');
    chat.close('s1');
    chat.clock.advance(2 * GRACE_MS);
    expect(await chat.inRoom()).toEqual([]);
    chat.close('s2');
    chat.clock.advance(GRACE_MS);

    expect(types(await chat.inRoom())).toEqual(['LEAVE']);
  });

  test('is not put out by the LEAVE of someone else', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');

    await chat.leave('s2', 'Kim');

    expect(types(await chat.inRoom())).toEqual(['ENTER', 'LEAVE']);
    expect(await stateOf(chat)).toMatchObject({ count: 1 });
  });
});

describe('a person who comes back within the grace', () => {
  test('is not announced when the ENTER says resume', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    await chat.inRoom();
    chat.close('s1');
    chat.clock.advance(GRACE_MS - 1);

    expect(await chat.enter('s2', 'Kim', { resume: true })).toEqual({ type: 'accepted' });
    chat.clock.advance(2 * GRACE_MS);

    expect(await chat.inRoom()).toEqual([]);
    expect(await stateOf(chat)).toMatchObject({ count: 1 });
  });

  test('is announced by a plain ENTER, as the old tutorial sends, without a change of presence', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    chat.clock.advance(GATHER_MS);
    await chat.presence();
    chat.close('s1');

    await chat.enter('s2', 'Kim');
    chat.clock.advance(2 * GRACE_MS);

    expect(types(await chat.inRoom())).toEqual(['ENTER', 'ENTER']);
    expect(await chat.presence()).toEqual([]);
  });

  test('is announced with resume once the broker counts them no longer', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    chat.close('s1');
    chat.clock.advance(GRACE_MS);

    await chat.enter('s2', 'Kim', { resume: true });

    expect(types(await chat.inRoom())).toEqual(['ENTER', 'LEAVE', 'ENTER']);
  });
});

describe('membership', () => {
  test('of one session is limited', async () => {
    const chat = chatHarness({ membershipsMax: 2 });
    for (const name of ['a', 'b']) await chat.enter('s1', name);

    expect(await chat.enter('s1', 'c')).toEqual({ type: 'refused', code: 'TOO_MANY_MEMBERSHIPS' });
    expect(await chat.enter('s1', 'a')).toEqual({ type: 'accepted' });
    expect(await chat.enter('s2', 'c')).toEqual({ type: 'accepted' });
  });

  test('of one session is limited however many ENTERs are under way', async () => {
    const chat = chatHarness({ membershipsMax: 2 });

    await Promise.all(['a', 'b', 'c', 'd'].map((name) => chat.enter('s1', name)));

    expect(await stateOf(chat)).toMatchObject({ count: 2 });
  });

  test('writes no LEAVE when the server stops, before or after its sessions end', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    await chat.enter('s2', 'Lee');
    await chat.inRoom();
    await chat.presence();
    chat.close('s1');

    chat.chat.stop();
    chat.close('s2');
    chat.clock.advance(10 * GRACE_MS);

    expect(chat.published).toEqual([]);
  });
});

describe('the lobby', () => {
  test('hears which rooms changed, each as it is by then', async () => {
    const chat = chatHarness();

    await chat.enter('s1', 'Kim');
    await chat.enter('s2', 'Lee');
    await chat.rooms.create('책');
    chat.clock.advance(GATHER_MS);

    expect(await chat.lobby()).toEqual([
      {
        type: 'CHANGED',
        rooms: [
          { roomId: '7', name: null, people: 2 },
          { roomId: '1', name: '책', people: 0 },
        ],
        gone: [],
        total: 2,
      },
    ]);
  });
});

test('topics of the chat that do not exist are unknown, and a bad room id is refused', () => {
  const chat = chatHarness();

  expect(chat.open('/chat/room/a.b')).toMatchObject({ type: 'rejected', code: 'BAD_ROOM_ID' });
  expect(chat.open('/chat/room/a.b/presence')).toMatchObject({ code: 'BAD_ROOM_ID' });
  expect(chat.open('/chat/room/7/other')).toEqual({ type: 'unknown' });
  expect(chat.application.isPrivate('/chat/room/7/other')).toBe(true);
  expect(chat.open('/chat/room/7')).toEqual({ type: 'answered', value: undefined });
});
