import type { RefObject } from 'preact';

/**
 * What stands in a field now. The text of the last rendering may be a few letters behind, as
 * renderings wait for the next frame and Enter does not.
 */
export function typedIn(field: RefObject<HTMLInputElement | null>): string {
  return field.current?.value ?? '';
}
