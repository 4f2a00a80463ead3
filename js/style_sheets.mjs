/** An esbuild plugin: style sheets go into the bundle as minified text. */
import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';

export const styleSheets = {
  name: 'style sheets',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      return { contents: code, loader: 'text' };
    });
  },
};
