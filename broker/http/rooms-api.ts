import express, { type Response, type Router } from 'express';
import type { Refusal } from '../../shared/refusal.ts';
import { parseRoomId } from '../../shared/room-id.ts';
import { parseNewRoom } from '../../shared/rooms.ts';
import type { Rooms } from '../chat/rooms.ts';

const BODY_BYTES_MAX = 16 * 1_024;

/** `GET /rooms`, `POST /rooms {name}` and `GET /rooms/{roomId}`. */
export function roomsApi(rooms: Rooms): Router {
  const router = express.Router();
  router.get('/rooms', (_request, response) => {
    response.json(rooms.list());
  });
  router.post('/rooms', express.json({ limit: BODY_BYTES_MAX }), async (request, response) => {
    const name = parseNewRoom(request.body);
    if (name === null) {
      return refuse(
        response,
        400,
        'BAD_NAME',
        'name must be a text of 1 to 50 characters, in JSON',
      );
    }
    const room = await rooms.create(name);
    if (room === null) {
      return refuse(response, 503, 'TOO_MANY_ROOMS', 'there are as many rooms as there may be');
    }
    response.status(201).location(`${request.baseUrl}/rooms/${room.roomId}`).json(room);
  });
  router.get('/rooms/:roomId', (request, response) => {
    const roomId = parseRoomId(request.params.roomId);
    if (roomId === null) return refuse(response, 400, 'BAD_ROOM_ID', 'this is no room id');
    const room = rooms.find(roomId);
    if (room === null) return refuse(response, 404, 'NO_SUCH_ROOM', 'nobody entered this room yet');
    response.json(room);
  });
  return router;
}

/** An answer that says no. */
export function refuse(response: Response, status: number, code: string, text: string): void {
  const refusal: Refusal = { code, text };
  response.status(status).json(refusal);
}
