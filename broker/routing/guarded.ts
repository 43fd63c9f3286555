import type { ApplicationPort, Guarded, Maybe } from './application-port.ts';
import { type Refused, refused } from './plans.ts';

/** Lets the application's guards look first; the plan is made if none of them says no. */
export function guarded<P>(
  application: ApplicationPort,
  asked: Guarded,
  plan: () => Maybe<P>,
): Maybe<P | Refused> {
  if (!application.hasGuards) return plan();
  const checked = application.check(asked);
  const settle = (answer: Awaited<typeof checked>) => {
    if (answer.type !== 'rejected') return plan();
    return refused(answer.code, answer.text);
  };
  return checked instanceof Promise ? checked.then(settle) : settle(checked);
}
