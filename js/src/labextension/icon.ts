/** The icon of `*.tinybase.json` files: a table whose rows are alike wherever it is open. */
import { LabIcon } from '@jupyterlab/ui-components';

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 22 22">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M4 3h14a1.5 1.5 0 0 1 1.5 1.5v13A1.5 1.5 0 0 1 18 19H4a1.5 1.5 0 0 1-1.5-1.5v-13A1.5 1.5 0 0 1 4 3zm0 5.5v3.2h4.6V8.500zm6.100 0v3.200H18V8.500zM4 13.200v4.300h4.600v-4.300zm6.100 0v4.300H18v-4.300z"/>
  <path class="jp-icon-accent0" fill="#e0457b" d="M10.100 8.500H18v3.200h-7.900z"/>
</svg>`;

export const tableIcon = new LabIcon({ name: 'tinybase-widget:table', svgstr: SVG });
