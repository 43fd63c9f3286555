// Socket.IO with its own adapter: a room, and one emit to it.

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { listenOptions, stamped } from './message.mjs';

const http = createServer();
const io = new Server(http, { perMessageDeflate: false, transports: ['websocket'] });

io.on('connection', (socket) => {
  socket.on('join', (room, joined) => {
    socket.join(room);
    joined();
  });
  socket.on('chat message', (message) => {
    io.to(message.roomId).emit('chat message', stamped(message));
  });
});
http.listen(listenOptions);
