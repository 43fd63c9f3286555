// The load generator as a process: its options as an object, its result as one.

import { end, LOAD_CORE, start } from './processes.mjs';

/** A ratio of what was delivered to what was owed that is further from 1 is a fault. */
const RATIO_TOLERANCE = 0.02;
/** With more of its core in use, and less of the server's, the load generator was measured. */
const BUSY = 0.95;
/** What the rest of the machine may use of a core before a figure is doubtful. */
const OTHERS_MAX = 0.15;

/** Runs it to its end. Rejects if it gives no result. */
export async function runLoad(program, options) {
  return resultOf(startLoad(program, options));
}

/** Starts one that reads histories, and waits until all its readers have begun. */
export async function startReaders(program, options) {
  const started = startLoad(program, options);
  await said(started, '"reading"');
  return {
    /** Waits until each has read what it asked for once, and says what they read so far. */
    async stop() {
      await said(started, '"all_read"');
      await end(started);
      return resultOf(started);
    },
  };
}

/** Resolves when it has said so, or has ended. */
function said(started, text) {
  return new Promise((resolve) => {
    const look = () => {
      if (started.text.includes(text)) resolve();
    };
    started.child.stdout.on('data', look);
    started.ended.then(resolve);
    look();
  });
}

function startLoad(program, { frameHeaders = [], ...options }) {
  const pairs = [
    ...Object.entries(options).map(([name, value]) => [flagOf(name), String(value)]),
    ...frameHeaders.map((header) => ['--frame-header', header]),
  ];
  const started = start(LOAD_CORE, program, pairs.flat());
  started.text = '';
  started.child.stdout.setEncoding('utf8').on('data', (text) => {
    started.text += text;
  });
  return started;
}

function flagOf(name) {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

async function resultOf(started) {
  const code = await started.ended;
  const line = started.text.trim().split('\n').at(-1) ?? '';
  if (!line.includes('"mode"'))
    throw new Error(`the load generator failed: ${started.output.trim()}`);
  const result = JSON.parse(line);
  return { ...result, problems: problemsOf(result, code), notes: notesOf(result) };
}

/** What makes a measurement worthless. */
function problemsOf(result, code) {
  const problems = [];
  const { dead, errors, missing, ratio, unknown } = result;
  if (dead > 0) problems.push(`${dead} connections were lost`);
  if (ratio !== undefined && Math.abs(ratio - 1) > RATIO_TOLERANCE)
    problems.push(`${ratio} of what was owed came`);
  if (errors > 0) problems.push(`${errors} ERRORs`);
  if (missing > 0) problems.push(`${missing} RECEIPTs are missing`);
  if (unknown > 0) problems.push(`${unknown} RECEIPTs of nothing`);
  if (code !== 0 && problems.length === 0) problems.push(`the load generator ended with ${code}`);
  return problems;
}

/** What makes it worth less. */
function notesOf({ load_cpu: loadCpu, mode, others_cpu: othersCpu, server_cpu: serverCpu }) {
  const notes = [];
  if (loadCpu > BUSY && serverCpu < BUSY)
    notes.push('the load generator had no more to give, the server had');
  if (othersCpu > OTHERS_MAX && mode !== 'catchup')
    notes.push('something else on this machine took its share meanwhile');
  return notes;
}
