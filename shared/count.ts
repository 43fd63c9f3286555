import * as v from 'valibot';

/** A count or a position. JSON also allows numbers too large to be exact integers. */
export const CountSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
