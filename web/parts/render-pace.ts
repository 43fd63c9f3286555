const HIDDEN_PACE_MS = 100;

/**
 * Schedules rendering for Preact: at most once per frame, however many messages a busy room brings.
 * Hidden pages get no frames, so a timer takes over there.
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
