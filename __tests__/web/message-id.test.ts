import { expect, test } from '@jest/globals';
import { messageIdOf } from '../../shared/chat-message.ts';
import { newMessageId } from '../../web/message-id.ts';

test('message ids are valid to the broker and unique', () => {
  const ids = Array.from({ length: 100 }, newMessageId);

  for (const id of ids) {
    expect(messageIdOf({ type: 'TALK', roomId: 1, sender: 'a', message: 'b', id })).toBe(id);
  }
  expect(new Set(ids).size).toBe(100);
});
