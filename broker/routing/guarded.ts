import type { Answer } from '../application/answer.ts';
import type { Guarded } from '../application/guards.ts';
import { type Maybe, settle } from '../maybe.ts';
import type { ApplicationPort } from './application-port.ts';
import { type Refused, refused } from './plans.ts';

/** Asks the application's guards first; the plan is made if none of them rejects. */
export function guarded<P>(
  application: ApplicationPort,
  asked: Guarded,
  plan: () => Maybe<P>,
): Maybe<P | Refused> {
  return settle<Answer<void>, P | Refused>(application.check(asked), (answer) =>
    answer.type === 'rejected' ? refused(answer.code, answer.text) : plan(),
  );
}
