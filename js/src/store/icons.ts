/** The icons of the tabs. */
export const ICONS = {
  add: 'M8 3.25v9.5M3.25 8h9.5',
  menu: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  values:
    'M6 3C4.5 3 4.75 4.5 4.75 5.75S4.25 8 3 8c1.25 0 1.75 1 1.75 2.25S4.5 13 6 13M10 3c1.5 0 1.25 1.5 1.25 2.75S11.75 8 13 8c-1.25 0-1.75 1-1.75 2.25S11.5 13 10 13',
} as const;

const SVG = 'http://www.w3.org/2000/svg';

export const icon = (path: string): SVGElement => {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
};
