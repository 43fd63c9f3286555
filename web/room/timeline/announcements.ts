import { useCallback, useRef, useState } from 'preact/hooks';
import type { Texts } from '../../i18n.ts';
import type { Row } from './rows.ts';

const KEPT = 5;

export interface Announcement {
  readonly key: string;
  readonly text: string;
}

/**
 * Texts for screen readers when rows are added at the end. Own messages are announced only while
 * they wait to be sent.
 */
export function announcementsOf(rows: readonly Row[], texts: Texts): readonly Announcement[] {
  return rows.flatMap((row) => {
    const text = announcementOf(row, texts);
    return text === null ? [] : [{ key: row.key, text }];
  });
}

/**
 * The newest announcements, for a live region of their own. If the list itself were the live
 * region, screen readers would also read out the first page and every older page that is loaded.
 */
export function useAnnouncements(isQuiet: boolean, texts: Texts) {
  const [announcements, setAnnouncements] = useState<readonly Announcement[]>([]);
  const wasQuiet = useRef(true);
  const announce = useCallback(
    (rows: readonly Row[]) => {
      const added = wasQuiet.current ? [] : announcementsOf(rows, texts);
      wasQuiet.current = isQuiet;
      if (added.length > 0) setAnnouncements((old) => [...old, ...added].slice(-KEPT));
    },
    [isQuiet, texts],
  );
  return { announce, announcements };
}

function announcementOf(row: Row, texts: Texts): string | null {
  switch (row.type) {
    case 'message':
      if (!row.isOwn) return `${row.sender}: ${row.text}`;
      return row.state.type === 'waiting' ? `${texts.waiting}: ${row.text}` : null;
    case 'notice':
      return row.text;
    case 'gap':
      return texts.gap;
    case 'day':
    case 'top':
      return null;
  }
}
