import type { Connection } from './connection.ts';

/**
 * Reconnects at once when the network returns or the page becomes visible. When the network goes
 * away, the connection is cut, because missing heart-beats would reveal the loss only half a minute
 * later.
 */
export function reconnectOnWake(connection: Connection, window: Window): void {
  const { document } = window;
  window.addEventListener('offline', () => connection.cut());
  window.addEventListener('online', () => connection.tryNow());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connection.tryNow();
  });
}
