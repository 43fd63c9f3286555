/**
 * Tells whether memory grows with the frames, from samples that were taken in idle moments: the
 * first quarter is the warm-up, and the last is compared with the second.
 *
 * @param {readonly { frames: number, rssKib: number }[]} samples
 */
export function memoryTrend(samples) {
  const quarter = samples.length >> 2;
  const warm = samples.slice(quarter);
  const afterWarmUpKib = median(samples.slice(quarter, 2 * quarter));
  const endKib = median(samples.slice(-quarter));
  return { afterWarmUpKib, endKib, slopeKib: slope(warm), isEnough: quarter >= 2 };
}

function median(samples) {
  const sorted = samples.map(({ rssKib }) => rssKib).sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}

/** KiB for every 100,000 frames: the line through the samples with the least squares. */
function slope(samples) {
  if (samples.length === 0) return 0;
  const mean = (of) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const frames = mean((sample) => sample.frames);
  const rss = mean((sample) => sample.rssKib);
  const together = mean((sample) => (sample.frames - frames) * (sample.rssKib - rss));
  const alone = mean((sample) => (sample.frames - frames) ** 2);
  return alone === 0 ? 0 : (100_000 * together) / alone;
}
