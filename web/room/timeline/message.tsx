import { useServices } from '../../services.ts';
import type { RowActions } from './row-actions.ts';
import type { MessageRow } from './rows.ts';

interface MessageProps {
  readonly actions: RowActions;
  readonly row: MessageRow;
}

/** One message, as plain text: neither name nor text is interpreted as markup. */
export function Message({ actions, row }: MessageProps) {
  const { isContinued, isOwn, sender, state, text } = row;
  return (
    <article
      class="message"
      data-testid="message"
      data-type="TALK"
      data-own={isOwn}
      data-state={state.type}
      data-continued={isContinued}
    >
      <header class={isContinued || isOwn ? 'visually-hidden' : 'message-sender'}>
        <bdi data-testid="message-sender">{sender}</bdi>
      </header>
      <div class="message-line">
        <p class="message-text" dir="auto" data-testid="message-text">
          {text}
        </p>
        <DeliveryStateView row={row} actions={actions} />
      </div>
    </article>
  );
}

/** The delivery state in words and shape, never by colour alone. */
function DeliveryStateView({ actions, row }: MessageProps) {
  const { calendar, texts } = useServices();
  const { atMs, isOwn, state } = row;
  switch (state.type) {
    case 'sent':
      return (
        <span class="message-time">
          {isOwn ? <span class="visually-hidden">{texts.sent} </span> : null}
          <time dateTime={new Date(atMs).toISOString()}>{calendar.timeOf(atMs)}</time>
        </span>
      );
    case 'waiting':
      return (
        <span class="message-time message-waiting">
          <WaitingMark />
          {texts.waiting}
        </span>
      );
    case 'sending':
      return <span class="message-time">{texts.sending}</span>;
    case 'failed':
      return <Failed row={row} actions={actions} />;
  }
}

function Failed({ actions, row: { id, state } }: MessageProps) {
  const { texts } = useServices();
  if (state.type !== 'failed') return null;
  return (
    <div class="message-failed">
      <span role="alert">
        <span class="message-failed-mark" aria-hidden="true">
          !
        </span>
        {texts.failed(state.refusal.code, state.refusal.text)}
      </span>
      <span>
        <button
          type="button"
          class="button-quiet"
          data-testid="retry"
          onClick={() => actions.retry(id)}
        >
          {texts.retry}
        </button>
        <button
          type="button"
          class="button-quiet"
          data-testid="discard"
          onClick={() => actions.discard(id)}
        >
          {texts.discard}
        </button>
      </span>
    </div>
  );
}

/** A clock icon. */
function WaitingMark() {
  return (
    <svg class="mark" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
      <circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="M8 4.5V8l2.5 2" fill="none" stroke="currentColor" stroke-width="1.5" />
    </svg>
  );
}
