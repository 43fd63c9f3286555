import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Anchor, anchorIn, restoreAnchor } from './anchor.ts';
import type { Row } from './rows.ts';
import { hasOwn, isNearEnd, messageCount, rowsBeyond } from './sticky.ts';

/**
 * Keeps the end of the list in sight for whoever is near it, and counts what comes for whoever
 * reads further up. Their place is kept as well: not by the browser's own scroll anchoring, which
 * Safari lacks and which slips when lines go at the top while others come at the end.
 */
export function useStickyScroll(rows: readonly Row[]) {
  const box = useRef<HTMLDivElement>(null);
  const sticks = useRef(true);
  const anchor = useRef<Anchor | null>(null);
  const known = useRef<ReadonlySet<string>>(new Set());
  const [unseen, setUnseen] = useState(0);

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
  }, []);
  const stay = useCallback(() => {
    if (sticks.current) toEnd();
    else if (box.current !== null && anchor.current !== null)
      restoreAnchor(box.current, anchor.current);
  }, [toEnd]);

  useLayoutEffect(() => {
    const added = rowsBeyond(rows, known.current);
    known.current = new Set(rows.map((row) => row.key));
    if (hasOwn(added)) sticks.current = true;
    stay();
    if (!sticks.current) setUnseen((count) => count + messageCount(added));
  }, [rows, stay]);

  useLayoutEffect(() => {
    // A virtual keyboard or a growing composer makes the box smaller, the people make it narrower.
    const observer = new ResizeObserver(stay);
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, [stay]);

  return { box, onScroll, toEnd, unseen };
}
