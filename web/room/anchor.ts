/** The line that a reader's eyes are on, and how far it is below the upper edge. */
export interface Anchor {
  readonly element: HTMLElement;
  readonly fromTopPx: number;
}

/** The first line in sight. Lines are the children of `box`, which is what they are offset from. */
export function anchorIn(box: HTMLElement): Anchor | null {
  for (const element of box.children) {
    if (!(element instanceof HTMLElement)) continue;
    if (element.offsetTop + element.offsetHeight <= box.scrollTop) continue;
    return { element, fromTopPx: element.offsetTop - box.scrollTop };
  }
  return null;
}

/** Puts the line back to where it was, whatever came or went above it. */
export function restoreAnchor(box: HTMLElement, { element, fromTopPx }: Anchor): void {
  if (element.isConnected) box.scrollTop = element.offsetTop - fromTopPx;
}
