import { useServices } from '../services.ts';
import { RowView } from './row-view.tsx';
import type { Row } from './rows.ts';
import { useStickyScroll } from './use-sticky-scroll.ts';

interface MessageListProps {
  readonly onRetry: (id: string) => void;
  readonly rows: readonly Row[];
}

/** What was said, oldest first; it follows the newest while its end is in sight. */
export function MessageList({ onRetry, rows }: MessageListProps) {
  const { texts } = useServices();
  const { box, onScroll, toEnd, unseen } = useStickyScroll(rows);
  return (
    <div class="messages-frame">
      {/* Reachable by Tab, so that the arrow keys scroll it. */}
      <div
        ref={box}
        class="messages"
        role="log"
        aria-label={texts.messagesLabel}
        aria-live="polite"
        aria-relevant="additions"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        data-testid="messages"
        onScroll={onScroll}
      >
        {rows.length === 0 ? <p class="hint empty">{texts.noMessages}</p> : null}
        {rows.map((row) => (
          <RowView key={row.key} row={row} onRetry={onRetry} />
        ))}
      </div>
      {unseen > 0 ? (
        <button
          type="button"
          class="new-messages"
          data-testid="new-messages"
          onClick={() => {
            toEnd();
            box.current?.focus(); // this button goes away
          }}
        >
          {texts.newMessages(unseen)}
        </button>
      ) : null}
    </div>
  );
}
