/** The first visible line, and the distance from the top of the box to that line's lower edge. */
export interface Anchor {
  readonly element: HTMLElement;
  readonly fromTopPx: number;
}

/**
 * Finds the first visible line among the children of `box`, which must be their offset parent. The
 * lower edge is the reference, because the name above the text disappears when an older message of
 * the same person is loaded above it.
 */
export function anchorIn(box: HTMLElement): Anchor | null {
  for (const element of box.children) {
    if (!(element instanceof HTMLElement) || element.dataset.fleeting !== undefined) continue;
    const end = element.offsetTop + element.offsetHeight;
    if (end > box.scrollTop) return { element, fromTopPx: end - box.scrollTop };
  }
  return null;
}

/** Scrolls the anchor back to its place after lines above it were added or removed. */
export function restoreAnchor(box: HTMLElement, { element, fromTopPx }: Anchor): void {
  if (!element.isConnected) return;
  box.scrollTop = element.offsetTop + element.offsetHeight - fromTopPx;
}
