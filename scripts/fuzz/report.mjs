/** The figures of a run, and how to see again what went wrong. */
export function printReport(run) {
  const { first, last, memory, problems, seconds, seed, tally, warnings, witness } = run;
  const rows = [
    ['seed', seed],
    ['frames sent', tally.frames],
    ['streams, one connection each', `${tally.streams}: ${listOf(tally.lines)}`],
    ['seconds', seconds.toFixed(0)],
    ['answers', listOf(tally.answers)],
    ['ERROR codes', listOf(tally.errors)],
    ['refusals, session lives', listOf(tally.refusals)],
    ['warnings in the log', listOf(warnings)],
    ['memory at the start', mib(first.rssKib)],
    ...memoryRows(memory),
    ['open files, start and end', `${first.files} and ${last.files}`],
    ['sockets, start and end', `${first.sockets} and ${last.sockets}`],
    ['witness: sent and got', `${witness.sent} and ${witness.received}`],
    ['witness: longest wait', `${witness.worstMs} ms`],
    ['problems', problems.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
  for (const problem of problems.slice(0, 50)) console.log(`- ${problem}`);
  const streams = [...new Set(tally.problems.map(({ stream }) => stream))].slice(0, 20);
  if (streams.length > 0) console.log(`again: npm run fuzz -- --seed ${seed} --only ${streams}`);
}

function listOf(counts) {
  const sorted = Object.entries(counts).sort(([, one], [, other]) => other - one);
  return sorted.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}

function memoryRows({ isEnough, afterWarmUpKib, endKib, slopeKib }) {
  if (!isEnough) return [['memory later', 'too few frames to tell']];
  return [
    ['memory after the warm-up', mib(afterWarmUpKib)],
    ['memory at the end', mib(endKib)],
    ['growth for 100,000 frames', `${slopeKib.toFixed(0)} KiB`],
  ];
}

function mib(kib) {
  return `${(kib / 1_024).toFixed(1)} MiB`;
}
