import { useServices } from '../services.ts';
import type { MessageRow } from './rows.ts';

interface MessageProps {
  readonly onRetry: (id: string) => void;
  readonly row: MessageRow;
}

/** One message as typed: nothing in a name or a text is ever markup. */
export function Message({ onRetry, row }: MessageProps) {
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
      <header class={isContinued || isOwn ? 'heard-only' : 'message-sender'}>
        <bdi data-testid="message-sender">{sender}</bdi>
      </header>
      <div class="message-line">
        <p class="message-text" dir="auto" data-testid="message-text">
          {text}
        </p>
        <Fate row={row} onRetry={onRetry} />
      </div>
    </article>
  );
}

function Fate({ onRetry, row }: MessageProps) {
  const { calendar, texts } = useServices();
  const { atMs, id, state } = row;
  switch (state.type) {
    case 'sent':
      return (
        <time class="message-time" dateTime={new Date(atMs).toISOString()}>
          {calendar.timeOf(atMs)}
        </time>
      );
    case 'sending':
      return <span class="message-time">{texts.sending}</span>;
    case 'failed':
      return (
        <div class="message-failed" role="alert">
          <span>
            {texts.failed}. {texts.refusal(state.refusal.code, state.refusal.text)}
          </span>
          <button
            type="button"
            class="button-quiet"
            data-testid="retry"
            onClick={() => onRetry(id)}
          >
            {texts.retry}
          </button>
        </div>
      );
  }
}
