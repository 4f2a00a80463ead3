/** Makes the elements of the search box, the chips, the menus and the headers. */
const SVG = 'http://www.w3.org/2000/svg';

/** Paths in a box of 16 × 16, drawn as lines. */
export const ICONS = {
  ascending: 'M8 12.5v-9M4.5 7 8 3.5 11.5 7',
  descending: 'M8 3.5v9M4.5 9 8 12.5 11.5 9',
  filter: 'M2.75 3.5h10.5L9.25 8.25v4.25l-2.5-1.25v-3z',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9M10.25 10.25 13.5 13.5',
  clear: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  more: 'M4.5 6.5 8 10l3.5-3.5',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  hide: 'M2.5 8S4.5 4.25 8 4.25 13.5 8 13.5 8 11.5 11.75 8 11.75 2.5 8 2.5 8M3 13 13 3',
  pin: 'M6 2.75h4M6.5 2.75v4L5 9h6L9.5 6.75v-4M8 9v4.25',
  left: 'M12.5 8h-9M7 4.5 3.5 8 7 11.5',
  right: 'M3.5 8h9M9 4.5 12.5 8 9 11.5',
  narrow: 'M1.5 8h4.75M4 5.5 6.5 8 4 10.5M14.5 8H9.75M12 5.5 9.5 8l2.5 2.5',
  wide: 'M6.5 8H2M4.25 5.5 1.75 8l2.5 2.5M9.5 8H14M11.75 5.5 14.25 8l-2.5 2.5',
  summary: 'M3 13V9M6.3 13V5M9.7 13V7M13 13V3',
} as const;

export type IconName = keyof typeof ICONS;

export const part = (tag: string, className: string, text?: string): HTMLElement => {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

export const icon = (name: IconName): SVGElement => {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('tbw-icon');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', ICONS[name]);
  svg.append(line);
  return svg;
};

export interface ButtonContent {
  readonly action: string;
  readonly label: string;
  readonly icon?: IconName;
  /** What is shown instead of the label; the empty text for an icon alone. */
  readonly text?: string;
  readonly className?: string;
}

export const makeButton = (
  { action, label, icon: name, text, className = 'tbw-button' }: ButtonContent,
  onClick: (event: MouseEvent) => void,
): HTMLButtonElement => {
  const element = document.createElement('button');
  element.type = 'button';
  element.className = className;
  element.dataset.action = action;
  element.title = label;
  element.setAttribute('aria-label', label);
  if (name) element.append(icon(name));
  if (text !== '') element.append(part('span', 'tbw-button-text', text ?? label));
  element.addEventListener('click', onClick);
  return element;
};
