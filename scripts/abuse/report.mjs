// The figures of attacks, for a person at a terminal and for SECURITY.md.

const MIB = 1_024 * 1_024;

const COLUMNS = ['attack', 'loop ms', 'own ms', 'p99 ms', 'max ms', 'RSS MiB', 'serves'];

export function headLine() {
  return lineOf(COLUMNS);
}

/** One line of figures, and below it what was achieved. */
export function linesOf(result) {
  const { delayMs, name, ownDelayMs, rssBytes, witness } = result;
  const figures = [delayMs, ownDelayMs, witness.p99Ms, witness.maxMs].map(shown);
  const lines = [lineOf([name, ...figures, mib(rssBytes), servesText(result)])];
  lines.push(`    ${achieved(result)}`);
  const log = logText(result.log);
  if (log !== '') lines.push(`    log: ${log}`);
  if (result.problem !== null) lines.push(`    ATTACK FAILED: ${result.problem}`);
  return lines;
}

/** A table as SECURITY.md has it. */
export function markdownOf(results) {
  const rows = results.map((result) => {
    const { delayMs, row, says, witness } = result;
    const cells = [shown(delayMs), shown(witness.p99Ms), mib(result.rssBytes), servesText(result)];
    return `| ${[row, says, ...cells, achieved(result)].join(' | ')} |`;
  });
  return [
    '| row | attack | event loop, longest delay, ms | witness, p99, ms | RSS, most, MiB | served afterwards | what it achieved |',
    '|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function servesText({ ended, isServing, witness }) {
  if (ended !== null) return `ENDED ${ended}`;
  if (!isServing) return 'NO';
  if (witness.closed !== null) return 'yes, but the witness was closed';
  if (witness.missing > 0) return `yes, but ${witness.missing} messages are missing`;
  return witness.refused > 0 ? `yes, but ${witness.refused} refused` : 'yes';
}

function achieved({ counts }) {
  const entries = Object.entries(counts).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([name, value]) => countText(name, value)).join(', ') || 'nothing';
}

function countText(name, value) {
  if (name === 'bytes sent' || name === 'bytes got') {
    return `${(value / MIB).toFixed(1)} MiB ${name.slice(6)}`;
  }
  return `${value} ${name}`;
}

function logText({ bytes, lastWords, lines }) {
  const texts = Object.entries(lines).map(([line, count]) => `${line} ×${count}`);
  if (bytes > MIB) texts.push(`${(bytes / MIB).toFixed(1)} MiB`);
  if (lastWords.trim() !== '') texts.push(lastWords.trim().split('\n')[0]);
  return texts.slice(0, 8).join('; ');
}

function shown(ms) {
  return Number.isNaN(ms) ? '-' : ms.toFixed(ms < 10 ? 1 : 0);
}

function mib(bytes) {
  return (bytes / MIB).toFixed(0);
}

function lineOf([name, ...cells]) {
  return `${name.padEnd(34)}${cells.map((cell) => cell.padStart(9)).join('')}`;
}
