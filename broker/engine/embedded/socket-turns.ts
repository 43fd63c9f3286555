/**
 * A delivery may take long, and the answers to it must not miss the next commit; otherwise clients that
 * wait for each other's messages split into two halves that alternate. The first hop ends the present
 * turn, which has polled the sockets already; the second ends a turn that polls them again.
 */
export function untilSocketsWereRead(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
