/** Lets the event loop go round, so that what was appended is committed and delivered. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets the event loop go round until it is so, however long a disk takes. */
export async function reaches(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turns(1);
}
