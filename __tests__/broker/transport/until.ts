/** A test that waits longer than this fails. */
const GIVE_UP_MS = 4_000;

/** Lets the event loop turn until the condition holds. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`it is never so: ${isSo.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
