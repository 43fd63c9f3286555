import { whyLeftOut } from './left-out.mjs';

const OUTCOMES = { passed: 'passed', failed: 'failed', pending: 'skipped', excluded: 'left out' };

/** Converts the result that jasmine reports for a spec to a test of the report. */
export function testOf({ fullName, status, failedExpectations, pendingReason }) {
  const messages = failedExpectations.map(({ message }) => message);
  const detail = whyLeftOut('stompjs', fullName) ?? (messages.join('\n') || pendingReason);
  // An unknown status, such as of a spec without a check of its own, must not count as passed.
  return { name: fullName, outcome: OUTCOMES[status] ?? 'failed', detail: detail || status };
}
