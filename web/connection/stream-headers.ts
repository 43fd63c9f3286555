import { RECOVERED, STREAM_EPOCH, STREAM_OFFSET } from '../../shared/header-names.ts';
import type { Beginning, Start } from './link.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Headers of a SUBSCRIBE that ask for a start. */
export function headersOfStart(start: Start): Record<string, string> {
  switch (start.type) {
    case 'next':
      return {}; // valid for destinations without a history, too
    case 'last':
      return { [STREAM_OFFSET]: `last=${start.count}` };
    case 'offset':
      return { [STREAM_OFFSET]: `offset=${start.offset}`, [STREAM_EPOCH]: start.epoch };
  }
}

/** Reads the RECEIPT of a SUBSCRIBE; `null` if the destination has no positions. */
export function beginningOf(headers: Headers): Beginning | null {
  const epoch = headers[STREAM_EPOCH];
  const head = positionOf(headers);
  if (epoch === undefined || head === null) return null;
  return { epoch, head, isRecovered: headers[RECOVERED] !== 'false' };
}

/** The position in a frame's headers, or `null` if there is none. */
export function positionOf(headers: Headers): number | null {
  const position = Number(headers[STREAM_OFFSET] ?? Number.NaN);
  return Number.isSafeInteger(position) && position >= 0 ? position : null;
}
