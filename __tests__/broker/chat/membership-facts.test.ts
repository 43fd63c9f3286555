import { describe, expect, test } from '@jest/globals';
import { chatHarness } from '../../support/chat-harness.ts';
import { turns } from '../../support/turns.ts';

const GRACE_MS = 10_000;
const ROOM = '/topic/chat/room/7';

/** The appends in the room: the types of their messages, and their facts. */
function appendsOf({ appends }: ReturnType<typeof chatHarness>) {
  const inRoom = appends.filter(({ entries }) => entries.every((one) => one.destination === ROOM));
  return inRoom.map(({ entries, facts }) => [
    entries.map(({ message }) => JSON.parse(message.body.toString()).type),
    facts,
  ]);
}

describe('in one append are', () => {
  test('an ENTER and the fact that counts the person', async () => {
    const chat = chatHarness();

    await chat.enter('s1', 'Kim');

    expect(appendsOf(chat)).toEqual([[['ENTER'], [['person 7 Kim s1', 'Kim']]]]);
  });

  test('a LEAVE and the end of that fact', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');

    await chat.leave('s1', 'Kim');

    expect(appendsOf(chat)[1]).toEqual([['LEAVE'], [['person 7 Kim s1', null]]]);
  });

  test('the LEAVE after the grace period and the end of the person', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    chat.close('s1');

    chat.clock.advance(GRACE_MS);
    await turns();

    expect(appendsOf(chat)[1]).toEqual([['LEAVE'], [['person 7 Kim s1', null]]]);
  });

  test('a reconnect that nobody hears of, and the fact of the new session for the old one', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    chat.close('s1');

    await chat.enter('s2', 'Kim', { resume: true });

    const facts = [
      ['person 7 Kim s1', null],
      ['person 7 Kim s2', 'Kim'],
    ];
    expect(appendsOf(chat)[1]).toEqual([[], facts]);
  });

  test('a TALK or a LEAVE of somebody who is not there, and no facts', async () => {
    const chat = chatHarness();

    await chat.leave('s1', 'Kim');
    await chat.say('s1', { type: 'TALK', roomId: '7', sender: 'Kim', message: 'a' });

    expect(appendsOf(chat)).toEqual([
      [['LEAVE'], []],
      [['TALK'], []],
    ]);
  });
});

describe('while the store refuses messages', () => {
  test('nobody comes, and nobody is gone', async () => {
    const chat = chatHarness();
    await chat.enter('s1', 'Kim');
    chat.clock.advance(250);
    await chat.presence();

    chat.refuses(true);
    expect(await chat.enter('s2', 'Lee')).toMatchObject({ code: 'STORE_FAILED' });
    expect(await chat.leave('s1', 'Kim')).toMatchObject({ code: 'STORE_FAILED' });
    chat.close('s1');
    chat.clock.advance(GRACE_MS);
    await turns();
    chat.refuses(false);
    expect(chat.rooms.find('7')).toMatchObject({ people: 1 });

    chat.clock.advance(GRACE_MS);
    expect(await chat.inRoom()).toMatchObject([{ type: 'ENTER' }, { type: 'LEAVE' }]);
    expect(chat.rooms.find('7')).toMatchObject({ people: 0 });
  });
});

describe('a chat whose membership, presence and rooms answer later', () => {
  test('takes messages as another one does', async () => {
    const chat = chatHarness({ answersLater: true });

    await chat.enter('s1', 'Kim');
    await chat.say('s1', { type: 'TALK', roomId: '7', sender: 'Kim', message: 'a' });
    await chat.leave('s1', 'Kim');

    expect(appendsOf(chat)).toEqual([
      [['ENTER'], [['person 7 Kim s1', 'Kim']]],
      [['TALK'], []],
      [['LEAVE'], [['person 7 Kim s1', null]]],
    ]);
  });

  test('refuses what another one refuses', async () => {
    const chat = chatHarness({ answersLater: true, membershipsMax: 1, roomsMax: 1 });
    await chat.enter('s1', 'Kim');

    expect(await chat.enter('s1', 'Lee')).toMatchObject({ code: 'TOO_MANY_MEMBERSHIPS' });
    expect(
      await chat.say('s1', { type: 'TALK', roomId: '8', sender: 'Kim', message: 'a' }),
    ).toMatchObject({ code: 'TOO_MANY_ROOMS' });
  });

  test('tells a new subscriber who is there', async () => {
    const chat = chatHarness({ answersLater: true });
    await chat.enter('s1', 'Kim');
    await turns();
    chat.clock.advance(250);

    const opened = chat.application.open('/chat/room/7/presence', chat.asked('s2', ''));
    const ask = opened.type === 'answered' ? opened.value : null;
    if (typeof ask !== 'function') throw new Error('there is nothing to ask');

    expect(JSON.parse(String(await ask()))).toMatchObject({ count: 1, people: ['Kim'] });
  });

  test('tells the lobby the count of a room that has changed', async () => {
    const chat = chatHarness({ answersLater: true });
    await chat.enter('s1', 'Kim');
    await turns();

    chat.clock.advance(250);

    expect(await chat.lobby()).toMatchObject([{ rooms: [{ roomId: '7', people: 1 }], total: 1 }]);
  });
});
