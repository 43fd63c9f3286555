import { RECOVERED, STREAM_EPOCH, STREAM_OFFSET } from '../../shared/header-names.ts';
import type { Beginning, Start } from './link.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** What a SUBSCRIBE says of where it wants to start. */
export function headersOfStart(start: Start): Record<string, string> {
  switch (start.type) {
    case 'next':
      return {}; // also understood where nothing is kept
    case 'last':
      return { [STREAM_OFFSET]: `last=${start.count}` };
    case 'offset':
      return { [STREAM_OFFSET]: `offset=${start.offset}`, [STREAM_EPOCH]: start.epoch };
  }
}

/** What the RECEIPT of a SUBSCRIBE says; `null`: there are no positions. */
export function beginningOf(headers: Headers): Beginning | null {
  const epoch = headers[STREAM_EPOCH];
  const head = positionOf(headers);
  if (epoch === undefined || head === null) return null;
  return { epoch, head, isRecovered: headers[RECOVERED] !== 'false' };
}

/** The position that a frame carries; `null`: none. */
export function positionOf(headers: Headers): number | null {
  const position = Number(headers[STREAM_OFFSET] ?? Number.NaN);
  return Number.isSafeInteger(position) && position >= 0 ? position : null;
}
