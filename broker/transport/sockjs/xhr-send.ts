import type { IncomingMessage, ServerResponse } from 'node:http';
import { parsePayload } from './sockjs-envelope.ts';
import type { SockJsHttpTransport } from './sockjs-http-transport.ts';

/** The size limit of a body, and the one before the client has logged in. */
export interface BodyLimits {
  readonly messageBytesMax: number;
  readonly openingBytesMax?: number;
}

/**
 * Answers `xhr_send`, by which clients of the HTTP transports send, instead of `sockjs`: the body
 * is bounded, only texts are messages, and the answer waits while the session is not read.
 *
 * SockJS protocol 0.3.3, "XhrPolling": 204; 404 without a session; 500 for a malformed payload.
 */
export class XhrSend {
  readonly #bytesMax: number;
  readonly #openingBytesMax: number;
  /** Sessions with an unanswered send: a client sends one after the other. */
  readonly #busy = new WeakSet<SockJsHttpTransport>();

  constructor({ messageBytesMax, openingBytesMax = messageBytesMax }: BodyLimits) {
    this.#bytesMax = messageBytesMax;
    this.#openingBytesMax = openingBytesMax;
  }

  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    transport: SockJsHttpTransport | undefined,
  ): Promise<void> {
    allowOrigin(request, response);
    if (transport === undefined) return end(response, 404);
    if (this.#busy.has(transport))
      return end(response, 500, 'The send before is not answered yet.');
    this.#busy.add(transport);
    try {
      await this.#take(request, response, transport);
    } finally {
      this.#busy.delete(transport);
    }
  }

  async #take(
    request: IncomingMessage,
    response: ServerResponse,
    transport: SockJsHttpTransport,
  ): Promise<void> {
    const bytesMax = transport.isLetIn ? this.#bytesMax : this.#openingBytesMax;
    const body = await readBody(request, bytesMax, (bytes) => transport.arriving(bytes));
    if (body === 'cut-off') return;
    if (body === 'too-large') return end(response.setHeader('Connection', 'close'), 413);
    if (body.length === 0) return end(response, 500, 'Payload expected.');
    const payload = parsePayload(body.toString('utf8'));
    if (payload.type === 'broken-json') return end(response, 500, 'Broken JSON encoding.');
    if (payload.type === 'no-texts') return end(response, 500, 'Payload expected.');
    await transport.take(payload.texts);
    end(response, 204);
  }
}

/** The CORS headers of the other `sockjs` transports; the origin was admitted before. */
function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*');
  response.setHeader('Vary', 'Origin');
  if (headers.origin !== undefined) {
    response.setHeader('Access-Control-Allow-Credentials', 'true');
  }
}

function end(response: ServerResponse, status: number, text?: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.setHeader(
    'Cache-Control',
    'no-store, no-cache, no-transform, must-revalidate, max-age=0',
  );
  response.end(text);
}

async function readBody(
  request: IncomingMessage,
  bytesMax: number,
  arriving: (bytes: number) => void,
): Promise<Buffer | 'too-large' | 'cut-off'> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return 'too-large';
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Leaving the loop must not destroy the request, which is still to be answered.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      if (bytes > bytesMax) return 'too-large';
      chunks.push(chunk);
      arriving(bytes);
    }
  } catch {
    // The client left before the body was complete: nobody is left to answer.
    return 'cut-off';
  } finally {
    arriving(0);
  }
  return Buffer.concat(chunks);
}
