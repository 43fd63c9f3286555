// The parts of the broker that were executed, as V8 counts them in this process.

import { Session } from 'node:inspector';

/** As often as matters: once, a few times, many times. */
const OFTEN = [1, 2, 4, 16, 64];

export class Coverage {
  /** The broker's functions: `file name`, and whether it was ever run. @type {Map<string, boolean>} */
  functions = new Map();
  #folder;
  #inspector = new Session();
  #seen = new Set();

  /** @param {string} folder only files below it count, and only such as are loaded afterwards */
  constructor(folder) {
    this.#folder = folder;
    this.#inspector.connect();
    this.#ask('Profiler.enable');
    this.#ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Count of the parts executed so far; once, a few times and many times count apart. */
  get size() {
    return this.#seen.size;
  }

  /** Count of the parts that were executed since the last call for the first time. */
  news() {
    const before = this.#seen.size;
    for (const { url, functions } of this.#ask('Profiler.takePreciseCoverage').result) {
      if (!url.includes(this.#folder)) continue;
      const file = url.slice(url.indexOf(this.#folder) + this.#folder.length);
      for (const { functionName, ranges } of functions) this.#see(file, functionName, ranges);
    }
    return this.#seen.size - before;
  }

  #see(file, functionName, ranges) {
    const name = `${file} ${functionName}`;
    const isRun = ranges.some(({ count }) => count > 0);
    this.functions.set(name, isRun || this.functions.get(name) === true);
    for (const { startOffset, endOffset, count } of ranges) {
      if (count === 0) continue;
      const often = OFTEN.findLast((step) => count >= step);
      this.#seen.add(`${file} ${startOffset} ${endOffset} ${often}`);
    }
  }

  #ask(method, params) {
    let answer;
    // In the same process the inspector answers before `post` returns.
    this.#inspector.post(method, params, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer;
  }
}
