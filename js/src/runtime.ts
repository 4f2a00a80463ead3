/**
 * The runtime bundle: everything that is fetched from the kernel once a page.
 */
import './sync/yjs_flag.ts';

export { renderTable } from './widget.ts';

import './sync/yjs_flag_back.ts';
