const ESCAPES = {
  // 1.0 has no escapes, and nothing else that could stand for a line's end.
  '1.0': { '\n': ' ' },
  1.1: { '\\': '\\\\', ':': '\\c', '\n': '\\n' },
  1.2: { '\\': '\\\\', ':': '\\c', '\n': '\\n', '\r': '\\r' },
};

/**
 * The octets of a frame, escaped as its version says.
 *
 * @param {import('./conversation.mjs').Spoken} frame
 * @param {import('./conversation.mjs').Version} version
 */
export function wireOf({ command, headers, body = '', hasLength = false }, version) {
  const table = command === 'CONNECT' || command === 'STOMP' ? {} : ESCAPES[version];
  const escaped = (text) => text.replace(/[\\:\n\r]/g, (letter) => table[letter] ?? letter);
  const octets = Buffer.from(body);
  const length = hasLength ? [['content-length', String(octets.length)]] : [];
  const lines = [...headers, ...length].map(
    ([name, value]) => `${escaped(name)}:${escaped(value)}`,
  );
  const head = `${[command, ...lines].join('\n')}\n\n`;
  return Buffer.concat([Buffer.from(head), octets, Buffer.of(0)]);
}
