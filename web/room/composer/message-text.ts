import { MESSAGE_CODE_POINTS_MAX } from '../../../shared/chat-message.ts';
import { codePoints } from '../../../shared/names.ts';

/** From here on a counter tells what is left. */
const COUNTED_BELOW = 200;

/** What is sent of a typed text: without the blank end that an Enter may have left. */
export function sendableText(typed: string): string {
  return typed.trim() === '' ? '' : typed.trimEnd();
}

/** Characters left, below zero when it is too long; `null` while nobody needs to know. */
export function charactersLeft(typed: string): number | null {
  // A text has at most as many code points as code units: most need no counting.
  if (typed.length < MESSAGE_CODE_POINTS_MAX - COUNTED_BELOW) return null;
  const left = MESSAGE_CODE_POINTS_MAX - codePoints(sendableText(typed));
  return left <= COUNTED_BELOW ? left : null;
}

export function isTooLong(typed: string): boolean {
  return (charactersLeft(typed) ?? 0) < 0;
}
