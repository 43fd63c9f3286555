import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { settingsTable } from '../../broker/command-line.ts';
import { APPEND_REFUSALS } from '../../broker/engine/engine.ts';
import { CLOSE_REASONS } from '../../broker/session/close-reasons.ts';
import { PROTOCOL_ERRORS } from '../../broker/stomp/errors.ts';
import { CHAT_MESSAGE_PROBLEMS } from '../../shared/chat-message.ts';
import * as headerNames from '../../shared/header-names.ts';

const protocol = readFileSync('PROTOCOL.md', 'utf8');
const settings = readFileSync('docs/settings.md', 'utf8');

describe('PROTOCOL.md', () => {
  test.each([
    ...Object.keys(PROTOCOL_ERRORS),
    ...Object.keys(CHAT_MESSAGE_PROBLEMS),
    ...Object.keys(APPEND_REFUSALS),
    ...Object.keys(CLOSE_REASONS),
  ])('lists the code %s', (code) => {
    expect(protocol).toContain(`\`${code}`);
  });

  test.each(Object.entries(CLOSE_REASONS))('gives %s its close code', (reason, { code }) => {
    const line = protocol
      .split('\n')
      .find((one) => one.includes(`\`${reason}\``) && one.includes(String(code)));

    expect(line).toBeDefined();
  });

  test.each(Object.values(headerNames))('explains %s', (name) => {
    if (name === headerNames.RECOVERED) expect(protocol).toContain(name);
    else expect(protocol).toContain(`\`${name}`);
  });
});

describe('docs/settings.md', () => {
  test('has the table of settings of the code', () => {
    const table = /<!-- settings -->\n([\s\S]*)<!-- \/settings -->/.exec(settings)?.[1];

    expect(table).toBe(settingsTable());
  });
});
