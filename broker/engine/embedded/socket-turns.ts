/**
 * Resolves when all sockets have been polled once more, so that the answers of clients to a
 * delivery make the next commit even if the delivery took long. Otherwise clients that wait for
 * each other's messages split into two halves that alternate. The first `setImmediate` ends the
 * present turn, which has polled the sockets already; the second ends a turn that polls them again.
 */
export function untilSocketsWereRead(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
