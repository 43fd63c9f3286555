// A MESSAGE of ours as it is on the wire, for the limit to write: said once, over a plain
// WebSocket, as the first message of its room.

import { once } from 'node:events';
import { WebSocket } from 'ws';

/** As many digits as positions have in the middle of a run. */
const OFFSET = 1_000;
const LONG_LENGTH = 126;

/** The bytes of one WebSocket frame, in which the load generator's mark can be put. */
export async function messageOfOurs(port, { bytes, room }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/websc/websocket`, ['v12.stomp']);
  await once(socket, 'open');
  try {
    await exchange(socket, 'CONNECT\naccept-version:1.2\nhost:bench\nheart-beat:0,0\n\n\0');
    await exchange(
      socket,
      `SUBSCRIBE\nid:sub-0\ndestination:/topic/chat/room/${room}\nreceipt:joined\n\n\0`,
    );
    const frame = await exchange(socket, sendFrame(bytes, room));
    return webSocketFrame(withLongPosition(frame));
  } finally {
    socket.close();
  }
}

async function exchange(socket, frame) {
  socket.send(frame);
  const [data] = await once(socket, 'message');
  return data.toString();
}

/** As the load generator says it. */
function sendFrame(bytes, room) {
  const head = `{"type":"TALK","roomId":"${room}","sender":"load","message":"^~${'0'.repeat(22)}`;
  const body = `${head.padEnd(bytes - 2, 'x')}"}`;
  const headers = `content-type:application/json\ncontent-length:${body.length}`;
  return `SEND\ndestination:/app/chat/message\n${headers}\n\n${body}\0`;
}

function withLongPosition(frame) {
  return frame
    .replace(/^(message-id:.*\.)1$/m, `$1${OFFSET}`)
    .replace(/^x-stream-offset:1$/m, `x-stream-offset:${OFFSET}`);
}

function webSocketFrame(text) {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, LONG_LENGTH, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, payload]);
}
