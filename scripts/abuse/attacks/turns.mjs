// Row 1c: sessions that send as much as they can, so that others are not read.

import { each, frame, send, subscribe, times } from '../frames.mjs';

const TOPIC = '/topic/abuse';
const CHUNK_FRAMES = 1_000;

/** So many sessions that pour the same chunk. */
function pourers(count, chunk, prepare = () => undefined) {
  return async (context) => {
    const lines = await context.sessions(count);
    await Promise.all(
      lines.map(async (line) => {
        await prepare(line, context);
        await context.pour(line, () => chunk);
      }),
    );
  };
}

const SENDS = times(CHUNK_FRAMES, send(TOPIC, 'x'));
const BEGINS = each(CHUNK_FRAMES, (at) =>
  Buffer.concat([
    frame('BEGIN', { transaction: `${at}` }),
    frame('ABORT', { transaction: `${at}` }),
  ]),
);
const SUBSCRIBES = each(CHUNK_FRAMES, (at) =>
  Buffer.concat([subscribe(`/topic/abuse/${at}`, `${at}`), frame('UNSUBSCRIBE', { id: `${at}` })]),
);
const PATTERNS = each(CHUNK_FRAMES, (at) =>
  Buffer.concat([
    subscribe(`/topic/abuse/*/${at}/**`, `${at}`),
    frame('UNSUBSCRIBE', { id: `${at}` }),
  ]),
);
const HEART_BEATS = Buffer.alloc(64 * 1_024, '\n');
const ACKS = times(CHUNK_FRAMES, frame('ACK', { id: '1-1' }));
/** 1,024 frames in a transaction, and all of them committed. */
const TRANSACTIONS = Buffer.concat([
  frame('BEGIN', { transaction: 't' }),
  times(1_000, send(TOPIC, 'x', { transaction: 't' })),
  frame('COMMIT', { transaction: 't' }),
]);
/** As many headers as there may be, as short as they can be. */
const MANY_HEADERS = times(
  200,
  frame('SEND', [['destination', TOPIC], ...Array.from({ length: 98 }, () => ['a', ''])]),
);
const LARGE = send(TOPIC, Buffer.alloc(1_000_000, 'x'));

export const TURNS = [
  {
    name: '1c-sends-1',
    row: '1c',
    says: 'one session that pipelines SENDs to a topic',
    run: pourers(1, SENDS),
  },
  {
    name: '1c-sends-100',
    row: '1c',
    says: '100 sessions that pipeline SENDs to a topic',
    run: pourers(100, SENDS),
  },
  {
    name: '1c-begin-abort',
    row: '1c',
    says: '100 sessions that pipeline BEGIN and ABORT',
    run: pourers(100, BEGINS),
  },
  {
    name: '1c-subscribe',
    row: '1c',
    says: '100 sessions that pipeline SUBSCRIBE and UNSUBSCRIBE',
    run: pourers(100, SUBSCRIBES),
  },
  {
    name: '1c-patterns',
    row: '1c',
    says: '100 sessions that pipeline SUBSCRIBE and UNSUBSCRIBE of patterns, and SENDs between them',
    run: pourers(100, Buffer.concat([PATTERNS, SENDS])),
  },
  {
    name: '1c-heart-beats',
    row: '1c',
    says: '100 sessions that send nothing but LFs',
    run: pourers(100, HEART_BEATS),
  },
  {
    name: '1c-acks',
    row: '1c',
    says: '100 sessions that pipeline ACKs of a delivery that was settled',
    run: pourers(100, ACKS, async (line) => {
      line.write(subscribe('/topic/acked', 'acked', { ack: 'client' }));
      await line.receipted('SEND', { destination: '/topic/acked' });
    }),
  },
  {
    name: '1c-transactions',
    row: '1c',
    says: '100 sessions that pipeline transactions of 1,000 SENDs',
    run: pourers(100, TRANSACTIONS),
  },
  {
    name: '1c-many-headers',
    row: '1c',
    says: '20 sessions that pipeline SENDs with 99 headers',
    run: pourers(20, MANY_HEADERS),
  },
  {
    name: '1c-large-bodies',
    row: '1c',
    says: '20 sessions that pipeline SENDs of 1 MB to a topic without subscribers',
    run: pourers(20, LARGE),
  },
  {
    name: '1c-receipts',
    row: '1c',
    says: '100 sessions that ask for a RECEIPT of each of their SENDs',
    run: pourers(100, times(CHUNK_FRAMES, send(TOPIC, 'x', { receipt: 'r' }))),
  },
];
