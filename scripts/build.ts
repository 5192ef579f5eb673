/**
 * Builds the page into `dist`, whole or not at all: into a folder of its own first, which takes dist's place when it
 * is complete. A build whose inputs have not changed is skipped. Beside each text file stand its gzip and brotli
 * forms, so that the server compresses nothing while it serves.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
/** Everything that the built page depends on. */
const INPUTS = ['index.html', 'vite.config.ts', 'package-lock.json', 'scripts/build.ts', 'web', 'shared'];
/** In dist; starts with a dot, so that the server does not serve it. */
const STAMP = '.inputs';
const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.json', '.svg', '.webmanifest', '.txt', '.wasm']);
const BUILDING = /^dist-(?:building|replaced)-(\d+)$/;

export interface BuildOutcome {
  readonly kind: 'built' | 'current';
  readonly seconds: number;
}

/** Rejects with the builder's error when the sources cannot be built; dist is then as it was. */
export async function buildPage(): Promise<BuildOutcome> {
  const begun = performance.now();
  const inputs = hashInputs();
  const stamp = join(DIST, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs) return { kind: 'current', seconds: 0 };
  removeAbandoned();
  const folder = join(ROOT, `dist-building-${process.pid}`);
  process.env['NODE_ENV'] = 'production'; // whatever it is here: the builder would make another page of it
  try {
    const { build } = await import('vite'); // not needed, and slow to load, where the page is current
    await build({ root: ROOT, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
    await compressFiles(folder);
    writeFileSync(join(folder, STAMP), inputs);
    takePlace(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { kind: 'built', seconds: (performance.now() - begun) / 1000 };
}

/** SHA-256 over names and contents. Tests change nothing in the page. */
function hashInputs(): string {
  const hash = createHash('sha256').update(`node ${process.versions.node}\n`);
  for (const input of INPUTS) {
    for (const path of filesIn(join(ROOT, input))) {
      if (/\.(?:test|suite)\.ts$|\.md$|\.vectors\.json$/.test(path)) continue;
      const bytes = readFileSync(path);
      hash.update(`${relative(ROOT, path)}\n${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest('hex');
}

function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Folders of builds that were interrupted: their process is gone. */
function removeAbandoned(): void {
  for (const name of readdirSync(ROOT)) {
    const pid = Number(BUILDING.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isRunning(pid)) continue;
    rmSync(join(ROOT, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (failure) {
    return failure instanceof Error && 'code' in failure && failure.code === 'EPERM';
  }
}

/** Two renames; between them there is no dist, which nobody reads: the server holds its own copy in memory. */
function takePlace(folder: string): void {
  const replaced = join(ROOT, `dist-replaced-${process.pid}`);
  if (existsSync(DIST)) renameSync(DIST, replaced);
  renameSync(folder, DIST);
  rmSync(replaced, { recursive: true, force: true });
}

async function compressFiles(folder: string): Promise<void> {
  const paths = filesIn(folder).filter((path) => COMPRESSIBLE.has(extname(path)));
  await Promise.all(paths.map(compressFile));
}

async function compressFile(path: string): Promise<void> {
  const bytes = readFileSync(path);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, quality),
    promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  if (br.length < bytes.length) writeFileSync(`${path}.br`, br);
  if (gz.length < bytes.length) writeFileSync(`${path}.gz`, gz);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { kind, seconds } = await buildPage();
  console.log(kind === 'built' ? `Built the page in ${seconds.toFixed(1)} s.` : 'The built page is current.');
}
