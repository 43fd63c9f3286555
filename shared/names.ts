// What a name of a person or a room may be, and when two names are one person. Which code points
// are visible, or have no width, is Unicode's to say; where an engine's Unicode is older than a
// code point, it is taken for a visible one.

import * as v from 'valibot';

export const NAME_CODE_POINTS_MAX = 50;

/** They break the line, turn the direction of the text around them, or are no characters. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\p{Noncharacter_Code_Point}]/u;

/** Printable ASCII that begins with a visible character breaks none of the rules below. */
const PLAIN = /^[!-~][ -~]*$/;
/** The same without blanks at its end: such a name is its own key. */
const PLAIN_KEY = /^[!-~](?:[ -~]*[!-~])?$/;

/** What leaves nothing on the page by itself; U+2800 and U+1D159 are symbols without ink. */
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}\u2800\u{1D159}]/u;

// UTS #51, "Emoji Tag Sequences": a black flag, the letters and digits of a region as tags, and the
// cancel tag, such as the flag of Scotland. Elsewhere tags are hidden text.
const TAG = /[\u{E0000}-\u{E007F}]/u;
const FLAG = /\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,6}\u{E007F}/gu;

const WITHOUT_WIDTH = '[\\p{Default_Ignorable_Code_Point}\\uFFF9-\\uFFFB\\u{1D159}]';
const BLANK = '[\\p{White_Space}\\u2800]';
/** The tags of a flag say which flag it is, so they stay as `$1`. */
const IGNORED = new RegExp(`(${FLAG.source})|${WITHOUT_WIDTH}`, 'gu');
const BLANK_ENDS = new RegExp(`^${BLANK}+|${BLANK}+$`, 'gu');
/** Most names have none of it, and are compared far more often than they are given. */
const HAS_IGNORED = new RegExp(`${WITHOUT_WIDTH}|^${BLANK}|${BLANK}$`, 'u');

/** How long a text is to a reader: code points, so an emoji outside the BMP counts once. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * Whether a text has at least `from` and at most `to` code points. A code point is one or two UTF-16
 * units, so the length alone answers for most texts without counting.
 */
export function hasCodePoints(text: string, from: number, to: number): boolean {
  if (text.length < from || text.length > 2 * to) return false;
  if (text.length >= 2 * from - 1 && text.length <= to) return true;
  const count = codePoints(text);
  return count >= from && count <= to;
}

/** Whether a reader sees anything of this name: not so of spaces, joiners or lone accents. */
export function isVisible(name: string): boolean {
  return VISIBLE.test(name);
}

/** A name of a person or a room: 1 to 50 code points, of which one is visible and none forbidden. */
export const NameSchema = v.custom<string>(isName);

/**
 * Whether a value is a name by the rules of `NameSchema`. Names of before these rules are still
 * shown, but no longer accepted.
 */
export function isName(name: unknown): name is string {
  // The length first: the rest looks at each character.
  if (typeof name !== 'string' || !hasCodePoints(name, 1, NAME_CODE_POINTS_MAX)) return false;
  if (PLAIN.test(name)) return true;
  if (FORBIDDEN.test(name) || !isVisible(name)) return false;
  return !TAG.test(name) || !TAG.test(name.replace(FLAG, ''));
}

/**
 * What two names are compared by: equal keys are one person until there is authentication. Names
 * that look alike because they differ in characters without width, in the spaces around them or in
 * how their accents are composed have the same key.
 */
export function personKey(sender: string): string {
  if (PLAIN_KEY.test(sender)) return sender;
  if (!HAS_IGNORED.test(sender)) return sender.normalize('NFC');
  const seen = sender.replace(IGNORED, '$1').replace(BLANK_ENDS, '').normalize('NFC');
  // Of before the rules: nothing of it is visible, and not all of those are one person.
  return seen === '' ? sender.normalize('NFC') : seen;
}
