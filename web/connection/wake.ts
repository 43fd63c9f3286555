import type { Connection } from './connection.ts';

/**
 * A wait is cut short when the network is back or somebody looks at the page again. When it is gone,
 * so is the connection: its silence would tell only half a minute later.
 */
export function wakeWith(connection: Connection, window: Window): void {
  const { document } = window;
  window.addEventListener('offline', () => connection.cut());
  window.addEventListener('online', () => connection.tryNow());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connection.tryNow();
  });
}
