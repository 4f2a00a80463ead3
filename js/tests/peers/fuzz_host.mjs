// Runs fuzz_host.ts in Node.js: each line on stdin is a request, each line on stdout its answer.
//
// The TypeScript is bundled in memory. The first argument is JSON: {file: [[old, new], ...]} replaces
// pieces of sources below src/, to show that the fuzzer sees what is missing then; each must be there
// exactly once.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const replacements = JSON.parse(process.argv[2] ?? '{}');
const seen = new Set();

function replaced(file) {
  let contents = readFileSync(file, 'utf8');
  const name = relative(root, file).replaceAll('\\', '/');
  for (const [old, fresh] of replacements[name] ?? []) {
    if (contents.split(old).length !== 2) {
      throw new Error(`${name} does not have this exactly once: ${old}`);
    }
    contents = contents.replace(old, () => fresh);
  }
  seen.add(name);
  return { contents, loader: 'ts' };
}

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: [join('tests', 'peers', 'fuzz_host.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  write: false,
  logLevel: 'error',
  plugins: [
    {
      name: 'replace',
      setup: (builder) => builder.onLoad({ filter: /\.ts$/ }, ({ path }) => replaced(path)),
    },
  ],
});
const missing = Object.keys(replacements).filter((name) => !seen.has(name));
if (missing.length > 0) {
  throw new Error(`not among the sources of a peer: ${missing}`);
}
const [{ text }] = outputFiles;
const { answer } = await import(
  `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`
);

for await (const line of createInterface({ input: process.stdin })) {
  let answered;
  try {
    answered = { result: (await answer(JSON.parse(line))) ?? null };
  } catch (error) {
    answered = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}
