import { HISTORY_PAGE, parseHistoryPage, type RoomHistoryPage } from '../../../shared/history.ts';

/** Reads the page of messages before a position, or `null` if the request failed. Never throws. */
export type ReadHistory = (
  roomId: string,
  before: number,
  signal: AbortSignal,
) => Promise<RoomHistoryPage | null>;

export const readHistory: ReadHistory = async (roomId, before, signal) => {
  const url = `/api/rooms/${roomId}/messages?before=${before}&limit=${HISTORY_PAGE}`;
  try {
    const response = await fetch(url, { signal });
    return parseHistoryPage(response.ok ? await response.json() : null);
  } catch {
    return null; // the page offers the reader another attempt
  }
};
