import type { RateSettings } from '../../../broker/limits/rate-limits.ts';

/** No limits, except those that a test sets. */
export function rateSettings(given: Partial<RateSettings>): RateSettings {
  return {
    chatAddressRate: 0,
    chatRate: 0,
    connectionsPerAddressMax: 1,
    connectRefillMs: 0,
    frameRate: 0,
    historyPageRate: 0,
    historyRate: 0,
    newRoomsPerHour: 0,
    sendRate: 0,
    subscribeRate: 0,
    ...given,
  };
}
