// The frames of attackers, as bytes.

/** A frame of 1.2; headers are written as they are given, escapes included. */
export function frame(command, headers = {}, body = '') {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers);
  const lines = pairs.map(([name, value]) => `${name}:${value}\n`).join('');
  return Buffer.concat([Buffer.from(`${command}\n${lines}\n`), Buffer.from(body), Buffer.of(0)]);
}

export function subscribe(destination, id, more = {}) {
  return frame('SUBSCRIBE', { destination, id, ...more });
}

export function send(destination, body = '', more = {}) {
  return frame('SEND', { destination, ...more }, body);
}

/** `SEND /app/chat/message` with this message. */
export function chat(message, more = {}) {
  return send('/app/chat/message', JSON.stringify(message), more);
}

export function talk(roomId, message = 'x', sender = 'Kim') {
  return chat({ type: 'TALK', roomId, sender, message });
}

export function enter(roomId, sender = 'Kim') {
  return chat({ type: 'ENTER', roomId, sender, message: '' });
}

export function leave(roomId, sender = 'Kim') {
  return chat({ type: 'LEAVE', roomId, sender, message: '' });
}

/** Repeats the bytes `count` times. */
export function times(count, bytes) {
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}

/** Joins the results of `make` for 0, 1, 2, … */
export function each(count, make) {
  return Buffer.concat(Array.from({ length: count }, (_, at) => make(at)));
}
