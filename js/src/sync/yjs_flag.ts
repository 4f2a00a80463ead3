/**
 * Yjs marks the page when it is imported, and complains when it finds the mark of another copy, because two
 * copies must not touch one document. JupyterLab has a copy of its own; ours never meets its documents, and
 * theirs never meet ours. So the mark is put aside while ours is imported, and put back afterwards.
 *
 * `runtime.ts` imports this module before, and `yjs_flag_back.ts` after, everything else.
 */
const MARK = '__ $YJS$ __';

type Marked = typeof globalThis & { [MARK]?: unknown };

const page: Marked = globalThis;
const mark = page[MARK];
delete page[MARK];

/** Put back the mark that was there before. */
export function putBack(): void {
  if (mark === undefined) {
    delete page[MARK];
  } else {
    page[MARK] = mark;
  }
}
