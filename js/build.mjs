/**
 * Build the bundles that the Python package ships, and hold them to their sizes.
 *
 * `node build.mjs --analyze` also lists what the runtime is made of.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { analyzeMetafile, build } from 'esbuild';
import { styleSheets } from './style_sheets.mjs';
import { quickerTinyBase } from './tinybase_store.mjs';
import { withoutUnusedMethods } from './unused_methods.mjs';

const root = fileURLToPath(new URL('.', import.meta.url));
const outDir = join(root, '..', 'tinybase_widget', 'widgets', 'static');
const bundles = [
  { entry: 'src/loader.ts', out: 'loader.js', limit: 10_000 },
  { entry: 'src/runtime.ts', out: 'runtime.js', limit: 530_000 },
  { entry: 'src/server.ts', out: 'server.js', limit: 15_000 },
];

/**
 * Yjs logs by lib0, whose functions for the page make four schemas as they are loaded. Nobody here uses
 * these; told that making them does nothing else, esbuild leaves them out, and all of lib0's schemas.
 */
const unusedSchemas = {
  name: 'unused schemas',
  setup({ onLoad }) {
    onLoad({ filter: /lib0[\\/]dom\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('= $.$', '= /* @__PURE__ */ $.$'),
    }));
  },
};

/**
 * SlickGrid and Yjs begin the names of their own members with an underscore, and nobody outside of a bundle knows
 * these, so they are shortened. SlickGrid declares its fields by functions that are given the names as text. What
 * of it nobody can call is left out: `grid.ts` is all that knows it.
 */
const OWN_MEMBERS = /^_[a-zA-Z]/;
const declaredFields = {
  name: 'declared fields',
  setup({ onLoad }) {
    onLoad({ filter: /slickgrid[\\/].*\.mjs$/ }, ({ path }) => ({
      contents: withoutUnusedMethods(
        readFileSync(path, 'utf8'),
        'SlickGrid',
        readFileSync(join(root, 'src', 'table', 'grid.ts'), 'utf8'),
      ).replaceAll('__publicField(this, "', '__publicField(this, /* @__KEY__ */ "'),
    }));
  },
};

mkdirSync(outDir, { recursive: true });
for (const { entry, out, limit } of bundles) {
  const outfile = join(outDir, out);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    mangleProps: OWN_MEMBERS,
    charset: 'utf8',
    legalComments: 'none',
    plugins: [styleSheets, unusedSchemas, declaredFields, quickerTinyBase],
    metafile: true,
    logLevel: 'warning',
  });
  const text = readFileSync(outfile);
  const size = text.length;
  const gzipped = gzipSync(text).length;
  console.log(`${out}: ${size} bytes (limit ${limit}), ${gzipped} gzipped`);
  if (process.argv.includes('--analyze')) {
    console.log(await analyzeMetafile(metafile));
  }
  const hasYjs = Object.values(metafile.outputs)[0].inputs['node_modules/yjs/dist/yjs.mjs'];
  if (hasYjs && out !== 'runtime.js') {
    console.error(`${out} has a Yjs of its own: two copies must not touch one document`);
    process.exitCode = 1;
  }
  if (size > limit) {
    console.error(
      `${out} is ${size - limit} bytes too large; \`node build.mjs --analyze\` shows why`,
    );
    process.exitCode = 1;
  }
}
