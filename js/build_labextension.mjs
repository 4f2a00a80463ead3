/**
 * Build the JupyterLab extension that the Python package brings: `node build_labextension.mjs [PATH]`.
 *
 * esbuild makes one module of ours, and leaves out what JupyterLab shares with its extensions; JupyterLab's own
 * builder makes that an extension. PATH is the folder of JupyterLab's own package.json, which says what is shared;
 * without it, that of the JupyterLab in `../.venv`.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { styleSheets } from './style_sheets.mjs';
import { quickerTinyBase } from './tinybase_store.mjs';

const LIMIT = 560_000;
const root = fileURLToPath(new URL('.', import.meta.url));
const target = join(root, '..', 'tinybase_widget', 'labextension');
const corePath = process.argv[2] ?? ownCorePath();

await build({
  absWorkingDir: root,
  entryPoints: ['src/labextension/index.ts'],
  outfile: 'labextension/build/index.js',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  external: ['@jupyter/*', '@jupyterlab/*', '@lumino/*', 'yjs'],
  plugins: [styleSheets, quickerTinyBase],
  logLevel: 'warning',
});
const builder = createRequire(import.meta.url).resolve(
  '@jupyterlab/builder/lib/build-labextension.js',
);
try {
  execFileSync(process.execPath, [builder, '--core-path', corePath, join(root, 'labextension')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
} catch (error) {
  console.error(error.stdout, error.stderr);
  process.exit(1);
}
copyFileSync(join(root, 'labextension', 'install.json'), join(target, 'install.json'));

const scripts = readdirSync(join(target, 'static')).filter((name) => name.endsWith('.js'));
const size = scripts.reduce(
  (total, name) => total + readFileSync(join(target, 'static', name)).length,
  0,
);
console.log(`labextension: ${size} bytes in ${scripts.length} scripts (limit ${LIMIT})`);
if (size > LIMIT) {
  console.error(`the labextension is ${size - LIMIT} bytes too large`);
  process.exitCode = 1;
}

function ownCorePath() {
  const lib = join(root, '..', '.venv', 'lib');
  const python = existsSync(lib) && readdirSync(lib).find((name) => name.startsWith('python3'));
  return join(lib, python || '', 'site-packages', 'jupyterlab', 'staging');
}
