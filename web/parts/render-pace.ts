const HIDDEN_PACE_MS = 100;

/**
 * When to render what has changed: once a frame, however many messages a busy room brings. A page
 * that nobody sees has no frames, so a timer stands in.
 */
export function atNextFrame(render: () => void): void {
  let isDone = false;
  const once = (): void => {
    if (isDone) return;
    isDone = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    render();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, HIDDEN_PACE_MS);
}
