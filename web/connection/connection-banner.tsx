import { useEffect, useState } from 'preact/hooks';
import type { Texts } from '../i18n.ts';
import { useServices } from '../services.ts';
import { type Banner, bannerAt } from './banner.ts';

const TICK_MS = 250;

interface ConnectionBannerProps {
  /** Says what happens meanwhile to messages written on this page. */
  readonly waitingText: string;
}

/** Says that the connection is lost and when the next attempt follows, with a button to try now. */
export function ConnectionBanner({ waitingText }: ConnectionBannerProps) {
  const { clock, connection, texts } = useServices();
  const state = connection.state.value;
  const isAway = state.phase !== 'connected';
  const nowMs = useNow(() => clock.now(), isAway);
  const banner = bannerAt(state, nowMs);
  return (
    <div class="connection">
      {/* Always rendered: a live region that is inserted together with its text is not read out. */}
      <div class="visually-hidden" role="status">
        {banner.type === 'none' ? null : bannerText(banner, texts, waitingText)}
      </div>
      {banner.type === 'none' ? null : (
        <div class="banner" data-testid="connection-banner">
          <span class="banner-text" aria-hidden="true">
            {bannerText(banner, texts, waitingText)}
          </span>
          {banner.type === 'waiting' ? (
            <span class="banner-retry">
              <span class="banner-countdown">{texts.retryIn(banner.seconds)}</span>
              <button
                type="button"
                class="button-quiet"
                data-testid="try-now"
                onClick={() => connection.tryNow()}
              >
                {texts.tryNow}
              </button>
            </span>
          ) : null}
        </div>
      )}
    </div>
  );
}

function bannerText(
  banner: Exclude<Banner, { type: 'none' }>,
  texts: Texts,
  waitingText: string,
): string {
  if (banner.type === 'connecting') return banner.isFirst ? texts.awayFirst : texts.awayConnecting;
  if (banner.refusal === null) return waitingText;
  return texts.awayRefused(banner.refusal.code, banner.refusal.text);
}

/** The current time, updated four times a second while a countdown is shown. */
function useNow(now: () => number, isTicking: boolean): number {
  const [nowMs, setNowMs] = useState(now);
  useEffect(() => {
    if (!isTicking) return;
    setNowMs(now());
    const timer = setInterval(() => setNowMs(now()), TICK_MS);
    return () => clearInterval(timer);
  }, [isTicking]);
  return nowMs;
}
