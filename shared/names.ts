import * as v from 'valibot';

export const NAME_CODE_POINTS_MAX = 50;

/** How long a text is to a reader: code points, so an emoji outside the BMP counts once. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Cheap before it is exact: a text has at most as many code points as UTF-16 units. */
export function hasCodePoints(text: string, from: number, to: number): boolean {
  if (text.length < from || text.length > 2 * to) return false;
  const count = codePoints(text);
  return count >= from && count <= to;
}

/** A name of a person or a room: 1 to 50 code points, more than spaces, no control characters. */
export const NameSchema = v.pipe(
  v.string(),
  v.check((name) => hasCodePoints(name, 1, NAME_CODE_POINTS_MAX)),
  v.check((name) => name.trim() !== ''),
  v.check((name) => !/[\p{Cc}\u2028\u2029]/u.test(name)),
);

/** What two names are compared by: equal keys are one person until there is authentication. */
export function personKey(sender: string): string {
  return sender.trim().normalize('NFC');
}
