// The `sockjs` package.

import { createServer } from 'node:http';
import sockjs from 'sockjs';
import { listenOptions } from './message.mjs';
import { Rooms } from './rooms.mjs';

const rooms = new Rooms();
const http = createServer();
const server = sockjs.createServer({ log: () => undefined, prefix: '/chat' });

server.on('connection', (connection) => {
  const member = { write: (text) => connection.write(text) };
  connection.on('data', (text) => rooms.take(member, text));
  connection.on('close', () => rooms.leave(member));
});
server.installHandlers(http);
http.listen(listenOptions);
