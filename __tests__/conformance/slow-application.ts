import { Application } from '../../broker/application/application.ts';
import { until } from '../broker/transport/until.ts';

/** Handlers at `/app/slow`, which ends when a test lets it, and at `/app/broken`. */
export function slowApplication() {
  const begun: (() => void)[] = [];
  const application = new Application()
    .message('/slow', () => new Promise((end) => begun.push(() => end(undefined))))
    .message('/broken', () => {
      throw new Error('the password is hunter2');
    });
  return {
    application,
    begun: () => until(() => begun.length > 0),
    end: () => {
      for (const end of begun.splice(0)) end();
    },
  };
}
