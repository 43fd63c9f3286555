// Rules for the names of people and rooms, and for when two names are the same person. Unicode
// properties decide which code points are visible or have no width. A code point newer than the
// JavaScript engine's Unicode version counts as visible.

import * as v from 'valibot';

export const NAME_CODE_POINTS_MAX = 50;

/** They break the line, change the direction of the text around them, or are not characters. */
const FORBIDDEN = /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\p{Noncharacter_Code_Point}]/u;

/** Printable ASCII that begins with a visible character breaks none of the rules below. */
const PLAIN = /^[!-~][ -~]*$/;
/** The same without trailing spaces: such a name is its own key. */
const PLAIN_KEY = /^[!-~](?:[ -~]*[!-~])?$/;

/** Matches a visible code point. U+2800 and U+1D159 are symbols, but blank. */
const VISIBLE = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\p{M}\u2800\u{1D159}]/u;

// UTS #51, "Emoji Tag Sequences": a black flag, the letters and digits of a region as tags, and the
// cancel tag, such as the flag of Scotland. Elsewhere tags are hidden text.
const TAG = /[\u{E0000}-\u{E007F}]/u;
const FLAG = /\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,6}\u{E007F}/gu;

const WITHOUT_WIDTH = '[\\p{Default_Ignorable_Code_Point}\\uFFF9-\\uFFFB\\u{1D159}]';
const BLANK = '[\\p{White_Space}\\u2800]';
/** The tags of a flag tell which flag it is, so they are captured as `$1` and kept. */
const IGNORED = new RegExp(`(${FLAG.source})|${WITHOUT_WIDTH}`, 'gu');
const BLANK_ENDS = new RegExp(`^${BLANK}+|${BLANK}+$`, 'gu');
/** Fast check: most names contain nothing to ignore, and names are compared very often. */
const HAS_IGNORED = new RegExp(`${WITHOUT_WIDTH}|^${BLANK}|${BLANK}$`, 'u');

/** Length of a text in code points, so that an emoji outside the BMP counts once. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * True if a text has from `from` to `to` code points. A code point is one or two UTF-16 code units,
 * so for most texts the length decides without counting.
 */
export function hasCodePoints(text: string, from: number, to: number): boolean {
  if (text.length < from || text.length > 2 * to) return false;
  if (text.length >= 2 * from - 1 && text.length <= to) return true;
  const count = codePoints(text);
  return count >= from && count <= to;
}

/** True if a name has a character that breaks a line, reverses the text around it, or is none. */
export function hasForbidden(name: string): boolean {
  return FORBIDDEN.test(name);
}

/** True if something of the name is visible. Spaces, joiners and lone accents are not. */
export function isVisible(name: string): boolean {
  return VISIBLE.test(name);
}

/** A name of a person or a room: 1 to 50 code points, at least one visible and none forbidden. */
export const NameSchema = v.custom<string>(isName);

/**
 * True if a value is a name by the rules of `NameSchema`. Names from before these rules are still
 * shown, but no longer accepted.
 */
export function isName(name: unknown): name is string {
  // The length first, because the other checks scan the whole text.
  if (typeof name !== 'string' || !hasCodePoints(name, 1, NAME_CODE_POINTS_MAX)) return false;
  if (PLAIN.test(name)) return true;
  if (hasForbidden(name) || !isVisible(name)) return false;
  return !TAG.test(name) || !TAG.test(name.replace(FLAG, ''));
}

/**
 * The key by which names are compared: until there is authentication, equal keys are one person.
 * Names have the same key if they differ only in characters without width, surrounding spaces, or
 * the composition of accents, because they look the same.
 */
export function personKey(sender: string): string {
  if (PLAIN_KEY.test(sender)) return sender;
  if (!HAS_IGNORED.test(sender)) return sender.normalize('NFC');
  const seen = sender.replace(IGNORED, '$1').replace(BLANK_ENDS, '').normalize('NFC');
  // A name from before these rules with nothing visible; not all such names are one person.
  return seen === '' ? sender.normalize('NFC') : seen;
}
