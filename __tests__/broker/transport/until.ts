/** A test that waits longer than this for something waits in vain. */
const GIVE_UP_MS = 4_000;

/** Lets the event loop go round until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`it is never so: ${isSo.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
