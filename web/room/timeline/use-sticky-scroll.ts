import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Anchor, anchorIn, restoreAnchor } from './anchor.ts';
import type { Row } from './rows.ts';
import { hasOwn, isNearEnd, isNearSight, messageCount, rowsBeyond } from './sticky.ts';

export interface ScrollListener {
  /** Rows were added at the end. */
  onAdded(rows: readonly Row[]): void;
  /** Reports whether the list follows its end. */
  onFollowChanged(isFollowing: boolean): void;
  /** The mark above the loaded messages is in view, or nearly. */
  onTopReached(): void;
}

/**
 * Keeps the end of the list in view while the reader is near it. Further up, it keeps the reader's
 * place and counts new messages. The browser's own scroll anchoring does not suffice: Safari lacks
 * it, and it slips when rows are removed at the top while others are added at the end.
 */
export function useStickyScroll(rows: readonly Row[], listener: ScrollListener) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(listener);
  const sticks = useRef(true);
  const anchor = useRef<Anchor | null>(null);
  const known = useRef<ReadonlySet<string>>(new Set());
  const [unseen, setUnseen] = useState(0);
  latest.current = listener;
  // Before the rows change, because the event of the last scroll may still be pending.
  if (box.current !== null && !sticks.current) anchor.current = anchorIn(box.current);

  const look = useCallback(() => {
    latest.current.onFollowChanged(sticks.current);
    const top = box.current?.querySelector<HTMLElement>('[data-top="more"]');
    if (box.current === null || top === null || top === undefined) return;
    if (isNearSight(box.current, top.offsetTop)) latest.current.onTopReached();
  }, []);
  const toEnd = useCallback(() => {
    sticks.current = true;
    setUnseen(0);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, []);
  const onScroll = useCallback(() => {
    if (box.current === null) return;
    sticks.current = isNearEnd(box.current);
    anchor.current = anchorIn(box.current);
    if (sticks.current) setUnseen(0);
    look();
  }, [look]);
  const stay = useCallback(() => {
    if (sticks.current) toEnd();
    else if (box.current !== null && anchor.current !== null)
      restoreAnchor(box.current, anchor.current);
    look();
  }, [look, toEnd]);

  useLayoutEffect(() => {
    const added = rowsBeyond(rows, known.current);
    known.current = new Set(rows.map((row) => row.key));
    if (hasOwn(added)) sticks.current = true;
    stay();
    if (!sticks.current) setUnseen((count) => count + messageCount(added));
    latest.current.onAdded(added);
  }, [rows, stay]);

  useLayoutEffect(() => {
    // A virtual keyboard or a growing composer shrinks the box; the list of people narrows it.
    const observer = new ResizeObserver(stay);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, [stay]);

  return { box, onScroll, toEnd, unseen };
}
