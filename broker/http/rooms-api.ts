import express, { type Request, type Response, type Router } from 'express';
import { HISTORY_PAGE, HISTORY_PAGE_MAX } from '../../shared/history.ts';
import type { Refusal } from '../../shared/refusal.ts';
import { parseRoomId } from '../../shared/room-id.ts';
import { parseNewRoom } from '../../shared/rooms.ts';
import type { History, Piece } from '../chat/history.ts';
import { ROOM_REFUSALS, type RoomDirectory } from '../chat/room-directory.ts';
import { PageTurns } from './page-turns.ts';

const BODY_BYTES_MAX = 16 * 1_024;
const ROOM_STATUSES = { TOO_MANY_NEW_ROOMS: 429, TOO_MANY_ROOMS: 503 } as const;

/** `GET /rooms`, `POST /rooms {name}`, `GET /rooms/{roomId}` and its `/messages`. */
export function roomsApi(rooms: RoomDirectory, history: History): Router {
  const router = express.Router();
  const turns = new PageTurns();
  router.get('/rooms', async (request, response) => {
    const { body, tag } = await rooms.encodedList();
    response.set({ 'Cache-Control': 'no-cache', ETag: `"${tag}"` });
    if (request.fresh) response.status(304).end();
    else response.type('json').send(body);
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
    const room = await rooms.createFor(request.ip ?? '', name);
    if (typeof room === 'string') {
      return refuse(response, ROOM_STATUSES[room], room, ROOM_REFUSALS[room]);
    }
    response.status(201).location(`${request.baseUrl}/rooms/${room.roomId}`).json(room);
  });
  router.get('/rooms/:roomId', async (request, response) => {
    const roomId = parseRoomId(request.params.roomId);
    if (roomId === null) return refuse(response, 400, 'BAD_ROOM_ID', 'this is not a room id');
    const room = await rooms.find(roomId);
    if (room === null) return refuse(response, 404, 'NO_SUCH_ROOM', 'there is no such room');
    response.json(room);
  });
  router.get('/rooms/:roomId/messages', async (request, response) => {
    const roomId = parseRoomId(request.params.roomId);
    if (roomId === null) return refuse(response, 400, 'BAD_ROOM_ID', 'this is not a room id');
    const asked = readPiece(request.query);
    if (asked === null) {
      const text = `before or after, and limit, are whole numbers; limit is 1 to ${HISTORY_PAGE_MAX}`;
      return refuse(response, 400, 'BAD_RANGE', text);
    }
    // Compared before anything is read: in the same state, a request has the same response.
    const state = await history.stateOf(roomId);
    response.set({ 'Cache-Control': 'no-cache', ETag: `"${state}"` });
    if (request.fresh) response.status(304).end();
    else {
      await turns.take();
      const pieces = await history.read(roomId, asked.piece, asked.limit);
      answerJson(response, pieces);
    }
  });
  return router;
}

/** Writes pieces one by one, so that a shared page is not copied for each response. */
function answerJson(response: Response, pieces: readonly Buffer[]): void {
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  response.type('json').set('Content-Length', String(bytes));
  for (const piece of pieces) response.write(piece);
  response.end();
}

/** Reads `before=<offset>` or `after=<offset>`, and `limit=<n>`; `null`: one is malformed. */
function readPiece(query: Request['query']): { piece: Piece; limit: number } | null {
  const [before, after, limit] = [query.before, query.after, query.limit].map(readNumber);
  const isLimit = limit === undefined || (limit >= 1 && limit <= HISTORY_PAGE_MAX);
  if ([before, after, limit].includes(Number.NaN) || !isLimit) return null;
  if (before !== undefined && after !== undefined) return null;
  const count = limit ?? HISTORY_PAGE;
  if (before !== undefined) return { piece: { type: 'before', offset: before }, limit: count };
  if (after !== undefined) return { piece: { type: 'after', offset: after }, limit: count };
  return { piece: { type: 'newest' }, limit: count };
}

function readNumber(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** Responds with a refusal as JSON. */
export function refuse(response: Response, status: number, code: string, text: string): void {
  const refusal: Refusal = { code, text };
  response.status(status).json(refusal);
}
