// src/ → dist/: compiles, copies what is not TypeScript, and converts the classifier's weights.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BUILD_STAMP, hashBuildInputs, hashFiles, listFiles, readStamp } from './build-inputs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');
const dist = join(root, 'dist');
const modelsStamp = join(dist, 'models', '.inputs');

/** The viewer's page: bundled, not compiled file by file. */
const APP = 'viewer/app';

/** What the converted weights depend on. */
const MODEL_INPUTS = [
  'src/detectors/onnx',
  'node_modules/nsfwjs/package.json',
  'node_modules/nsfwjs/LICENSE',
  'node_modules/nsfwjs/dist/models',
];

function fail(sentence) {
  console.error(`build: ${sentence}`);
  process.exit(1);
}

function compile() {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  if (!existsSync(compiler)) fail('TypeScript is not installed: run `npm run setup`.');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  return status === 0;
}

function copyAssets() {
  for (const file of listFiles(src)) {
    if (file.endsWith('.ts') || file.startsWith(`${APP}/`)) continue;
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    copyFileSync(join(src, file), join(dist, file));
  }
}

async function bundleApp() {
  const { build } = await import('esbuild');
  const out = join(dist, APP);
  rmSync(out, { recursive: true, force: true });
  await build({
    entryPoints: [join(src, APP, 'main.tsx')],
    outfile: join(out, 'app.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
  // Reports and the viewer have the same colours.
  const { paletteProperties } = await import(pathToFileURL(join(dist, 'report/palette.js')).href);
  const own = readFileSync(join(src, APP, 'app.css'), 'utf8');
  writeFileSync(
    join(out, 'app.css'),
    `:root{${paletteProperties('light')}}\n@media (prefers-color-scheme:dark){:root{${paletteProperties('dark')}}}\n${own}`,
  );
  for (const page of ['index.html', 'login.html']) {
    copyFileSync(join(src, APP, page), join(out, page));
  }
  copyFileSync(join(root, 'node_modules/preact/LICENSE'), join(out, 'preact-LICENSE.txt'));
}

/** Compiled files whose source is gone would still be found by an import. */
function removeLeftovers() {
  for (const file of listFiles(dist)) {
    if (file.startsWith('models/') || file.startsWith(`${APP}/`) || file.startsWith('.')) continue;
    const source = file.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (!existsSync(join(src, source)) && !existsSync(join(src, file)))
      rmSync(join(dist, file), { force: true });
  }
}

/** Whether every model is the file that its card describes: a damaged one is made anew. */
function modelsAreWhole() {
  const models = join(dist, 'models');
  return listFiles(models)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(models, file), 'utf8')))
    .every(({ file, sha256 }) => {
      const path = join(models, file);
      if (!existsSync(path)) return false;
      return createHash('sha256').update(readFileSync(path)).digest('hex') === sha256;
    });
}

async function convertWeights() {
  const converter = join(dist, 'detectors/onnx/convert-nsfwjs.js');
  const inputs = hashFiles(root, MODEL_INPUTS);
  if (!existsSync(converter) || (readStamp(modelsStamp) === inputs && modelsAreWhole())) return;
  rmSync(modelsStamp, { force: true });
  const { convertNsfwjs } = await import(pathToFileURL(converter).href);
  const models = join(dist, 'models');
  mkdirSync(models, { recursive: true });
  await convertNsfwjs({
    packageFolder: join(root, 'node_modules/nsfwjs'),
    outFolder: models,
  });
  writeFileSync(modelsStamp, `${inputs}\n`);
}

const inputs = hashBuildInputs(root);
rmSync(join(root, BUILD_STAMP), { force: true });
const compiled = compile();
if (!existsSync(dist)) fail('the compiler wrote nothing, see above.');
copyAssets();
removeLeftovers();
const bin = join(dist, 'cli/bin.js');
if (existsSync(bin)) chmodSync(bin, 0o755);
try {
  await bundleApp();
} catch (error) {
  fail(`the viewer's page could not be bundled: ${error.message}`);
}
try {
  await convertWeights();
} catch (error) {
  fail(`the classifier's weights could not be converted: ${error.message}`);
}
if (!compiled) fail('the compiler found errors, see above.');
writeFileSync(join(root, BUILD_STAMP), `${inputs}\n`);
