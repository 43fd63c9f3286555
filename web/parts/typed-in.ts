import type { RefObject } from 'preact';

/**
 * The current text of an input. The text of the last rendering may lag behind it, because rendering
 * waits for the next frame and a press of Enter does not.
 */
export function typedIn(field: RefObject<HTMLInputElement | null>): string {
  return field.current?.value ?? '';
}
