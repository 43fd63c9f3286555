import { useMemo } from 'preact/hooks';
import { useServices } from '../../services.ts';
import { useAnnouncements } from './announcements.ts';
import type { RowActions } from './row-actions.ts';
import { RowView } from './row-view.tsx';
import type { Row } from './rows.ts';
import { useStickyScroll } from './use-sticky-scroll.ts';

interface MessageListProps {
  readonly actions: RowActions;
  /** True until the newest page is loaded; screen readers are not told about that page. */
  readonly isLoading: boolean;
  readonly onFollowChanged: (isFollowing: boolean) => void;
  readonly onTopReached: () => void;
  readonly rows: readonly Row[];
}

/** The messages, oldest first. The list follows the newest while its end is in view. */
export function MessageList({
  actions,
  isLoading,
  onFollowChanged,
  onTopReached,
  rows,
}: MessageListProps) {
  const { texts } = useServices();
  const { announce, announcements } = useAnnouncements(isLoading, texts);
  const listener = { onAdded: announce, onFollowChanged, onTopReached };
  const { box, onScroll, toEnd, unseen } = useStickyScroll(rows, listener);
  const focusing = useMemo(() => withFocus(actions, () => box.current?.focus()), [actions, box]);
  return (
    <div class="messages-frame">
      {/* Focusable with Tab, so that the arrow keys can scroll it. */}
      <div
        ref={box}
        class="messages"
        role="log"
        aria-label={texts.messagesLabel}
        aria-live="off"
        aria-busy={isLoading}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        data-testid="messages"
        onScroll={onScroll}
      >
        {rows.length === 0 ? <p class="hint empty">{texts.olderLoading}</p> : null}
        {rows.map((row) => (
          <RowView key={row.key} row={row} actions={focusing} />
        ))}
      </div>
      <div class="visually-hidden" role="log" aria-live="polite">
        {announcements.map(({ key, text }) => (
          <p key={key}>{text}</p>
        ))}
      </div>
      {unseen > 0 ? (
        <button
          type="button"
          class="new-messages"
          data-testid="new-messages"
          onClick={() => {
            toEnd();
            box.current?.focus(); // this button disappears, and focus with it
          }}
        >
          {texts.newMessages(unseen)}
        </button>
      ) : null}
    </div>
  );
}

/** Returns focus to the list after each action, because the button that was pressed disappears. */
function withFocus({ discard, retry, retryOlder }: RowActions, focus: () => void): RowActions {
  const then = (act: (id: string) => void) => (id: string) => {
    act(id);
    focus();
  };
  return { discard: then(discard), retry: then(retry), retryOlder: () => then(retryOlder)('') };
}
