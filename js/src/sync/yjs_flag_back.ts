/** The last import of the runtime: Yjs is there now. See `yjs_flag.ts`. */
import { putBack } from './yjs_flag.ts';

putBack();
