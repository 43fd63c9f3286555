/** The line that a reader's eyes are on, and how far its lower edge is below the box's upper one. */
export interface Anchor {
  readonly element: HTMLElement;
  readonly fromTopPx: number;
}

/**
 * The first line in sight. Lines are the children of `box`, which is what they are offset from. It
 * is held by its lower edge: above the text a name may go when something older comes before it.
 */
export function anchorIn(box: HTMLElement): Anchor | null {
  for (const element of box.children) {
    if (!(element instanceof HTMLElement) || element.dataset.fleeting !== undefined) continue;
    const end = element.offsetTop + element.offsetHeight;
    if (end > box.scrollTop) return { element, fromTopPx: end - box.scrollTop };
  }
  return null;
}

/** Puts the line back to where it was, whatever came or went above it. */
export function restoreAnchor(box: HTMLElement, { element, fromTopPx }: Anchor): void {
  if (!element.isConnected) return;
  box.scrollTop = element.offsetTop + element.offsetHeight - fromTopPx;
}
