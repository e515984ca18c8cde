// Makes a fresh clone ready for `npm run demo` and `npm test`: dependencies, then the build.
// Runs before anything is installed, so it uses nothing but Node itself. Quiet when all is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILD_STAMP, hashBuildInputs, readStamp } from './build-inputs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function fail(sentence) {
  console.error(`setup: ${sentence}`);
  process.exit(1);
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

/** Understands what `engines.node` uses: `^a.b.c` and `>=a.b.c`, joined by `||`. */
function satisfies(version, range) {
  const [major, minor, patch] = version.split('.').map(Number);
  return range.split('||').some((alternative) => {
    const [, operator, low] = /^\s*(\^|>=)([\d.]+)\s*$/.exec(alternative) ?? [];
    if (low === undefined) return false;
    const [lowMajor, lowMinor, lowPatch] = low.split('.').map(Number);
    if (major !== lowMajor) return operator === '>=' && major > lowMajor;
    return minor !== lowMinor ? minor > lowMinor : patch >= lowPatch;
  });
}

function checkNode() {
  const range = readJson('package.json').engines.node;
  if (!satisfies(process.versions.node, range)) {
    fail(`Safelight needs Node ${range}, and this is ${process.versions.node}.`);
  }
}

/**
 * Whether node_modules holds what the lock file says. npm writes its own record of the tree as the
 * last step of an installation, so an interrupted one has none. Optional packages (binaries for
 * other platforms) may be absent.
 */
function isInstalled() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return false;
  const wanted = readJson('package-lock.json').packages;
  const present = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.link) return true;
    const found = present[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return (
      found.version === entry.version &&
      found.integrity === entry.integrity &&
      existsSync(join(root, path))
    );
  });
}

function install() {
  console.log('setup: installing the dependencies that package-lock.json names (npm ci)');
  const options = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  const script = process.env.npm_execpath;
  const inside = script !== undefined && /npm-cli\.c?js$/.test(script);
  const { status, error } = inside
    ? spawnSync(process.execPath, [script, ...options], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', options, {
        cwd: root,
        stdio: 'inherit',
        // npm is a batch file there, which only a shell can start.
        shell: process.platform === 'win32',
      });
  if (error) fail(`npm could not be started (${error.code}). Is it installed and on the PATH?`);
  if (status !== 0) {
    fail('npm ci failed, see above. It needs to reach the package registry once.');
  }
}

function build() {
  console.log('setup: building dist/');
  const { status } = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) fail('the build failed, see above.');
}

checkNode();
if (!isInstalled()) install();
if (readStamp(join(root, BUILD_STAMP)) !== hashBuildInputs(root)) build();
