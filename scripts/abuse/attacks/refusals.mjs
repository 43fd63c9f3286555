// Row 1d: refusals that many subscriptions are told, and refusals without end.

import { each, frame, send, subscribe, times } from '../frames.mjs';

const ERRORS = '/user/queue/errors';
const REFUSED = send('/app/nowhere', '', { receipt: 'r' });

function refusals(sessions, ids, chunk) {
  return async (context) => {
    await context.many(sessions, async () => {
      const line = await context.session();
      if (line === null) return;
      line.write(each(ids, (at) => subscribe(ERRORS, `${at}`)));
      await context.pour(line, () => chunk);
    });
  };
}

/** Refused, away, and back again. */
async function comingBack(context) {
  await context.many(Number.POSITIVE_INFINITY, async () => {
    const line = await context.session();
    if (line === null) return context.pause(20);
    line.write(subscribe(ERRORS, 'errors'));
    line.write(times(100, REFUSED));
    await line.receipted('SEND', { destination: '/topic/none' });
    line.end();
  });
}

export const REFUSALS = [
  {
    name: '1d-990-errors',
    row: '1d',
    says: '990 subscriptions of one session to /user/queue/errors, and SENDs that are refused',
    run: refusals(1, 990, times(100, REFUSED)),
  },
  {
    name: '1d-8-errors',
    row: '1d',
    says: '20 sessions with 8 subscriptions each to /user/queue/errors, and SENDs that are refused',
    run: refusals(20, 8, times(100, REFUSED)),
  },
  {
    name: '1d-flood-1',
    row: '1d',
    says: '20 sessions with one such subscription each that are refused as fast as they can be',
    run: refusals(20, 1, times(1_000, REFUSED)),
  },
  {
    name: '1d-rate-limited',
    row: '1d',
    says: '20 sessions that talk far faster than they may',
    run: refusals(
      20,
      1,
      times(
        500,
        send('/app/chat/message', '{"type":"TALK","roomId":"1","sender":"a","message":"x"}'),
      ),
    ),
  },
  {
    name: '1d-coming-back',
    row: '1d',
    says: 'sessions with 100 refusals each, one after the other',
    run: comingBack,
  },
  {
    name: '1d-transactions',
    row: '1d',
    says: '20 sessions whose transactions of 1,000 SENDs are refused at the last one',
    run: refusals(
      20,
      1,
      Buffer.concat([
        frame('BEGIN', { transaction: 't' }),
        times(1_000, send('/topic/abuse', 'x', { transaction: 't' })),
        send('/app/nowhere', '', { transaction: 't' }),
        frame('COMMIT', { transaction: 't' }),
      ]),
    ),
  },
];
