import * as v from 'valibot';

/** How many of something there are, or a position: JSON has numbers beyond what can be counted. */
export const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
