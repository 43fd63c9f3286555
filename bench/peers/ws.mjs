// `ws` and nothing else.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { listenOptions } from './message.mjs';
import { Rooms } from './rooms.mjs';

const rooms = new Rooms();
const http = createServer();

new WebSocketServer({ perMessageDeflate: false, server: http }).on('connection', (socket) => {
  const member = { write: (text) => socket.send(text) };
  socket.on('message', (data) => rooms.take(member, data.toString()));
  socket.on('close', () => rooms.leave(member));
  socket.on('error', () => rooms.leave(member));
});
http.listen(listenOptions);
