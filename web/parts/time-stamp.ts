import * as v from 'valibot';

/** The end of the year 9999. Formatting a time beyond the range of `Date` throws. */
const LAST_MS = 253_402_300_799_999;

/** Milliseconds since 1970 that can be formatted as a time. */
export const TimeStampSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LAST_MS));
