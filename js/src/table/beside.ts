/** Where a box that belongs to a place goes: beside it, and never out of the window. */

const MARGIN = 8;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Return where a box goes: below its place, or above it where there is no room; at the window's edge
 * where its place is out of sight.
 *
 * @param anchor is the place, in the window's pixels
 * @param gap is how far from the place it stays
 */
export function besideOf(
  { width, height }: Size,
  anchor: Pick<DOMRect, 'left' | 'top' | 'bottom'>,
  space: Size,
  gap: number,
): { left: number; top: number } {
  const within = (at: number, size: number, all: number) =>
    Math.max(MARGIN, Math.min(at, all - MARGIN - size));
  const below = anchor.bottom + gap;
  const above = anchor.top - gap - height;
  const isBelow = below + height <= space.height - MARGIN || above < MARGIN;
  return {
    left: within(anchor.left, width, space.width),
    top: within(isBelow ? below : above, height, space.height),
  };
}

/** Put a fixed element beside its place. */
export function placeBeside(element: HTMLElement, anchor: DOMRect, gap: number): void {
  const space = { width: window.innerWidth, height: window.innerHeight };
  const { left, top } = besideOf(element.getBoundingClientRect(), anchor, space, gap);
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
}
