/**
 * Builds the page into `dist` and the command `shoal` into `dist-cli`, each whole or not at all: into a folder of its own
 * first, which takes the other's place when it is complete. A build whose inputs have not changed is skipped. Beside each
 * text file of the page stand its gzip and brotli forms, so that the server compresses nothing while it serves.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { NOT_BUILT, sourcesMark } from '../cli/sources.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Packages that are no JavaScript alone; the last two are what `ws` uses where they happen to be. */
const NATIVE = ['node-datachannel', 'bufferutil', 'utf-8-validate'];
/** In each of the folders; starts with a dot, so that the server does not serve it. */
const STAMP = '.inputs';
const COMPRESSIBLE = new Set(['.html', '.js', '.css', '.json', '.svg', '.webmanifest', '.txt', '.wasm']);
const BUILDING = /^dist(?:-cli)?-(?:building|replaced)-(\d+)$/;

interface Goal {
  readonly folder: string;
  /** Everything that what is built depends on. */
  readonly inputs: readonly string[];
  readonly make: (folder: string) => Promise<void>;
}

const PAGE: Goal = {
  folder: 'dist',
  inputs: ['index.html', 'vite.config.ts', 'package-lock.json', 'scripts/build.ts', 'web', 'shared'],
  make: makePage,
};
const COMMAND_FILE = 'shoal.js';
const SOURCES = '.sources';
const COMMAND: Goal = {
  folder: 'dist-cli',
  inputs: ['package-lock.json', 'scripts/build.ts', 'cli', 'shared'],
  make: (folder) => bundleForNode(join(ROOT, 'cli/main.ts'), folder, COMMAND_FILE),
};

export interface BuildOutcome {
  readonly kind: 'built' | 'current';
  readonly seconds: number;
}

/** Rejects with the builder's error when the sources cannot be built; dist is then as it was. */
export function buildPage(): Promise<BuildOutcome> {
  return build(PAGE);
}

/** The same for the command, which `cli/shoal.js` starts as long as its sources are these. */
export async function buildCommand(): Promise<BuildOutcome> {
  const mark = sourcesMark(ROOT); // before they are read: what is changed meanwhile makes the bundle an old one
  const outcome = await build(COMMAND);
  writeFileSync(join(ROOT, COMMAND.folder, SOURCES), mark);
  return outcome;
}

async function build({ folder: name, inputs, make }: Goal): Promise<BuildOutcome> {
  const begun = performance.now();
  const hash = hashOf(inputs);
  const place = join(ROOT, name);
  const stamp = join(place, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return { kind: 'current', seconds: 0 };
  removeAbandoned();
  const folder = `${place}-building-${process.pid}`;
  process.env['NODE_ENV'] = 'production'; // whatever it is here: the builder would make another page of it
  try {
    await make(folder);
    writeFileSync(join(folder, STAMP), hash);
    takePlace(folder, place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { kind: 'built', seconds: (performance.now() - begun) / 1000 };
}

async function makePage(folder: string): Promise<void> {
  const vite = await import('vite'); // not needed, and slow to load, where the page is current
  await vite.build({ root: ROOT, logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
  await compressFiles(folder);
}

/**
 * Plain JavaScript with all that it imports, but for what is native: one file, and beside it in `parts` what is loaded when
 * it is first used.
 */
export async function bundleForNode(entry: string, folder: string, file: string): Promise<void> {
  const vite = await import('vite');
  await vite.build({
    ...{ configFile: false, root: ROOT, logLevel: 'warn', mode: 'production' },
    ssr: { noExternal: true, external: NATIVE },
    // What packages of the older kind take for granted.
    define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' },
    build: {
      ...{
        ssr: entry,
        outDir: folder,
        emptyOutDir: true,
        copyPublicDir: false,
        target: 'node20',
        minify: false,
      },
      rolldownOptions: {
        output: { entryFileNames: file, chunkFileNames: 'parts/[name]-[hash].js', format: 'es' },
      },
    },
  });
}

/** SHA-256 over names and contents. Tests change nothing in what is built. */
function hashOf(inputs: readonly string[]): string {
  const hash = createHash('sha256').update(`node ${process.versions.node}\n`);
  for (const input of inputs) {
    for (const path of filesIn(join(ROOT, input))) {
      if (NOT_BUILT.test(path)) continue;
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

/** Two renames; between them there is none, which nobody reads: the server and the command have theirs in memory. */
function takePlace(folder: string, place: string): void {
  const replaced = `${place}-replaced-${process.pid}`;
  if (existsSync(place)) renameSync(place, replaced);
  renameSync(folder, place);
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
  for (const [what, made] of [
    ['page', buildPage],
    ['command', buildCommand],
  ] as const) {
    const { kind, seconds } = await made();
    console.log(
      kind === 'built' ? `Built the ${what} in ${seconds.toFixed(1)} s.` : `The built ${what} is current.`,
    );
  }
}
