/**
 * Keeps the notebook's shortcuts away from what has the focus here.
 *
 * JupyterLab and Notebook walk up from the focus and stop at an element with this attribute; but on each
 * element they first look for a shortcut, and Notebook has some for whatever is focused. So the focused
 * element has it, and the root and its host, which is where the walk begins for a shadow root.
 */
export const keepShortcutsOut = (host: HTMLElement, root: HTMLElement): void => {
  for (const element of [host, root]) element.dataset.lmSuppressShortcuts = 'true';
  root.addEventListener('focusin', ({ target }) => {
    if (target instanceof HTMLElement) target.dataset.lmSuppressShortcuts = 'true';
  });
};
