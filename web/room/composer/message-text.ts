import { MESSAGE_CODE_POINTS_MAX } from '../../../shared/chat-message.ts';
import { codePoints } from '../../../shared/names.ts';

/** The counter appears when no more than this many characters are left. */
const COUNTED_BELOW = 200;

/**
 * The text to send: without trailing white space, which Enter may have left; `''` if it is blank.
 */
export function sendableText(typed: string): string {
  return typed.trim() === '' ? '' : typed.trimEnd();
}

/** Characters left, negative if the text is too long; `null` while the counter is hidden. */
export function charactersLeft(typed: string): number | null {
  // A text has no more code points than code units, so most texts need no counting.
  if (typed.length < MESSAGE_CODE_POINTS_MAX - COUNTED_BELOW) return null;
  const left = MESSAGE_CODE_POINTS_MAX - codePoints(sendableText(typed));
  return left <= COUNTED_BELOW ? left : null;
}

export function isTooLong(typed: string): boolean {
  return (charactersLeft(typed) ?? 0) < 0;
}
