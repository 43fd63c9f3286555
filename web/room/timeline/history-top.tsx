import type { Texts } from '../../i18n.ts';
import { useServices } from '../../services.ts';
import type { TopState } from './rows.ts';

interface HistoryTopProps {
  readonly onRetry: () => void;
  readonly state: TopState;
}

/** The row above the oldest loaded message. When it comes into view, an older page is loaded. */
export function HistoryTop({ onRetry, state }: HistoryTopProps) {
  const { texts } = useServices();
  return (
    <div class="history-top" data-testid="history-top" data-top={state} data-fleeting>
      <span>{textOf(state, texts)}</span>
      {state === 'failed' ? (
        <button
          type="button"
          class="button-quiet"
          data-testid="retry-older"
          onClick={() => onRetry()}
        >
          {texts.retryOlder}
        </button>
      ) : null}
    </div>
  );
}

function textOf(state: TopState, texts: Texts): string {
  switch (state) {
    case 'more':
    case 'loading':
      return texts.olderLoading;
    case 'failed':
      return texts.olderFailed;
    case 'beginning':
      return texts.historyBeginning;
    case 'expired':
      return texts.historyExpired;
    case 'full':
      return texts.historyFull;
  }
}
