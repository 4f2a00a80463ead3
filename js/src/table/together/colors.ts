/**
 * Peers' colours, made readable on every ground.
 *
 * Of a colour that somebody chose only its hue and strength are kept; how light it is follows from the
 * theme (`together.css`), so that white on white, or black on black, still is a colour with contrast.
 */
const MAX_CHROMA = 0.17;

/** Returns the hue, in degrees, and the chroma of a colour `#rrggbb`, in OKLCH. */
export const hueOf = (color: string): { readonly hue: number; readonly chroma: number } => {
  const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(color.slice(at, at + 2), 16))) as [
    number,
    number,
    number,
  ];
  // Björn Ottosson's matrices for OKLab.
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const bb = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const hue = (Math.atan2(bb, a) * 180) / Math.PI;
  return { hue: Math.round((hue + 360) % 360), chroma: Math.min(MAX_CHROMA, Math.hypot(a, bb)) };
};

/** Gives an element a peer's colour. */
export const setColor = (element: HTMLElement, color: string): void => {
  const { hue, chroma } = hueOf(color);
  element.style.setProperty('--tbw-peer-hue', String(hue));
  element.style.setProperty('--tbw-peer-chroma', chroma.toFixed(3));
};

const linear = (byte: number): number => {
  const part = byte / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
