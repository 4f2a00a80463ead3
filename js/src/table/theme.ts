/** Adds the style sheets once to each document or shadow root that shows a table. */
import store from '../store/store.css';
import conflicts from './conflicts.css';
import grid from './grid.css';
import looking from './looking/looking.css';
import menus from './looking/looking_menus.css';
import summary from './looking/summary.css';
import popovers from './popovers.css';
import theme from './theme.css';
import together from './together/together.css';

const MARK = 'data-tbw-theme';

export const addTheme = (root: Document | ShadowRoot): void => {
  if (root.querySelector(`style[${MARK}]`)) return;
  const style = document.createElement('style');
  style.setAttribute(MARK, '');
  const sheets = [theme, grid, conflicts, popovers, menus, summary, looking, together, store];
  style.textContent = sheets.join('\n');
  (root instanceof Document ? root.head : root).append(style);
};
