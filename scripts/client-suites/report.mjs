// The table at the end of `client-suites.mjs`. A result is
// `{ suite, tests: [{ name, outcome: 'passed' | 'failed' | 'skipped' | 'left out', detail }] }`.

const DETAIL_LINES = 6;

/** Prints all results; returns the exit code. */
export function report(results) {
  const failed = results.flatMap((result) => pick(result, 'failed'));
  for (const { suite, name, detail } of failed)
    console.log(`\nFAILED  ${suite}: ${name}\n${indent(detail)}`);
  const idle = results.flatMap((result) => [
    ...pick(result, 'left out'),
    ...pick(result, 'skipped'),
  ]);
  if (idle.length > 0) console.log('\nNot run:');
  for (const { suite, name, detail } of idle) console.log(`  ${suite}: ${name}\n${indent(detail)}`);

  const rows = [
    ['suite', 'passed', 'failed', 'skipped', 'left out'],
    ...results.map((result) => [
      result.suite,
      ...['passed', 'failed', 'skipped', 'left out'].map((outcome) => pick(result, outcome).length),
    ]),
  ];
  const width = Math.max(...rows.map(([suite]) => suite.length));
  console.log('');
  for (const [suite, ...counts] of rows)
    console.log(suite.padEnd(width), ...counts.map((count) => String(count).padStart(10)));
  return failed.length > 0 ? 1 : 0;
}

function pick({ suite, tests }, outcome) {
  return tests.filter((test) => test.outcome === outcome).map((test) => ({ suite, ...test }));
}

function indent(text) {
  return text
    .trim()
    .split('\n')
    .slice(0, DETAIL_LINES)
    .map((line) => `      ${line}`)
    .join('\n');
}
