/**
 * Who may import whom, in the whole repository: downwards only, never in a circle (types count too), and each package
 * in the few files that hide it.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFolder } from './processes.ts';

const FOLDERS = ['shared', 'web', 'signal-server', 'cli', 'e2e', 'scripts'];

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file).replaceAll('\\', '/'))
    .filter((file) => /\.(ts|svelte)$/.test(file)),
);

/** Tests, and the folders that tests alone import. */
function isOfTests(file: string): boolean {
  const folders = file.split('/');
  return (
    /\.(test|spec|fixture|suite)\.ts$/.test(file) ||
    folders.includes('testing') ||
    folders.includes('contracts')
  );
}

/** Comments may say what the code may not do. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

/** `import … from`, `export … from`, `import '…'` at the beginning of a line; `import('…')` anywhere. */
const IMPORT =
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

function importsOf(text: string): string[] {
  const found = withoutComments(text).matchAll(IMPORT);
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** The file that a relative import leads to, from the project's folder; null: a package. */
function targetOf(file: string, specifier: string): string | null {
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)).replaceAll('\\', '/') : null;
}

const imports = new Map(
  sources.map((file) => [file, importsOf(readFileSync(join(projectFolder, file), 'utf8'))] as const),
);

/** What lies in shared/ may know what stands in its row; '' is the base files. */
const SHARED_LAYERS: Readonly<Record<string, readonly string[]>> = {
  '': [''],
  protocol: ['protocol', ''],
  manifest: ['manifest', ''],
  tracker: ['tracker', ''],
  url: ['url', 'manifest', ''],
  engine: ['engine', 'protocol', 'manifest', ''],
  sim: ['sim', 'engine', 'tracker', 'protocol', 'manifest', ''],
  peer: ['peer', 'engine', 'tracker', 'protocol', 'url', 'manifest', ''],
  words: ['words', 'peer', 'url', 'manifest', ''],
};

/** The same for everything else, by the longest row that fits. A row may always know itself and shared/. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  // The path says the thread: the workers know nothing of the page, the page of them only what it says to them.
  'web/worker': [],
  'web/sw': ['web/worker'],
  'web/state': ['web/worker'],
  'web/net': ['web/worker', 'web/state'],
  'web/tabs': ['web/worker', 'web/state'],
  'web/save': ['web/worker', 'web/state'],
  'web/parts': ['web/state'],
  'web/views': ['web/state', 'web/parts'],
  web: ['web/state', 'web/parts', 'web/views', 'web/net', 'web/tabs', 'web/save', 'web/worker'],
  'signal-server': ['scripts/processes.ts'],
  cli: ['scripts/processes.ts'],
  scripts: ['signal-server', 'cli', 'e2e'],
  e2e: ['web', 'signal-server', 'cli', 'scripts'],
};

function isIn(folder: string, file: string): boolean {
  return file === folder || file.startsWith(`${folder}/`);
}

function rowOf(file: string): string | undefined {
  return Object.keys(LAYERS).find((folder) => isIn(folder, file));
}

function sharedLayer(file: string): string {
  const [, first = '', ...more] = file.split('/');
  return more.length > 0 ? first : '';
}

/** What is wrong with an import of a file; null: nothing. */
function flawOf(file: string, specifier: string): string | null {
  const target = targetOf(file, specifier);
  if (target === null) return isIn('shared', file) && specifier !== 'valibot' ? 'a package in shared/' : null;
  if (!FOLDERS.some((folder) => isIn(folder, target))) return 'outside the sources';
  if (isOfTests(target) && !isIn('e2e', file)) return 'a test';
  if (isIn('shared', file)) {
    const allowed = SHARED_LAYERS[sharedLayer(file)];
    if (allowed === undefined) return 'a folder without a row: give it one here';
    if (!isIn('shared', target)) return 'out of shared/';
    return allowed.includes(sharedLayer(target)) ? null : 'against the direction of imports';
  }
  const row = rowOf(file);
  if (row === undefined) return 'a folder without a row: give it one here';
  const known = ['shared', row, ...(LAYERS[row] ?? [])];
  return known.some((folder) => isIn(folder, target)) ? null : 'against the direction of imports';
}

/** The first circle that is found, as the files on it; null: none. */
function circleOf(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const walk = (file: string, above: readonly string[]): string[] | null => {
    const at = above.indexOf(file);
    if (at >= 0) return [...above.slice(at), file];
    if (done.has(file)) return null;
    for (const next of graph.get(file) ?? []) {
      const circle = walk(next, [...above, file]);
      if (circle !== null) return circle;
    }
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const circle = walk(file, []);
    if (circle !== null) return circle;
  }
  return null;
}

/** The files that hide a package from the rest; those of tests and benchmarks may use it as they like. */
const HIDDEN: Readonly<Record<string, readonly string[]>> = {
  'simple-peer': ['web/net/peer-link.ts', 'web/vendor.d.ts'],
  comlink: ['web/net/session.ts', 'web/worker/main.ts'],
  idb: ['web/worker/store/connection.ts', 'web/worker/store/schema.ts'],
  partysocket: ['cli/net/tracker-socket.ts', 'web/worker/tracker-socket.ts'],
  'node-datachannel': ['cli/net/web-rtc.ts'],
  '@noble/hashes': ['web/worker/platform.ts'],
  'client-zip': ['web/save/blob-save.ts', 'web/sw/save-response.ts'],
  uqr: ['cli/terminal/qr.ts', 'web/parts/QrCode.svelte'],
  'cli-progress': ['cli/terminal/live-line.ts'],
  'ipaddr.js': ['cli/web/address-policy.ts'],
  picomatch: ['cli/commands/selection.ts'],
  virtua: ['web/parts/VirtualRows.svelte'],
  uplot: ['web/parts/plot.ts'],
  'workbox-precaching': ['web/sw/sw.ts'],
  ws: ['cli/net/tracker-socket.ts', 'signal-server/web-sockets.ts'],
  pino: ['cli/terminal/log.ts', 'signal-server/log.ts'],
  'prom-client': ['cli/commands/health.ts', 'signal-server/metrics.ts'],
  'rate-limiter-flexible': ['signal-server/limits.ts'],
  ioredis: ['signal-server/redis-link.ts'],
  'write-file-atomic': ['cli/disk/json-file.ts'],
};
/** Packages that are no library behind a file: what the code is written in, and how it is built. */
const EVERYWHERE = [
  'valibot',
  'svelte',
  '@lucide/svelte',
  '@sveltejs/vite-plugin-svelte',
  'vite',
  'vite-plugin-pwa',
  'tsx',
];

function packageOf(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : scope;
}

describe('imports', () => {
  test('there are sources to look at, and every relative import leads to one', () => {
    expect(sources.length).toBeGreaterThan(250);
    const lost = [...imports].flatMap(([file, specifiers]) =>
      specifiers
        .map((specifier) => targetOf(file, specifier))
        .filter((target) => target !== null && !existsSync(join(projectFolder, target)))
        .map((target) => `${file} → ${target}`),
    );
    expect(lost).toEqual([]);
  });

  test('run one way', () => {
    const wrong = [...imports]
      .filter(([file]) => !isOfTests(file))
      .flatMap(([file, specifiers]) =>
        specifiers
          .map((specifier) => [file, specifier, flawOf(file, specifier)])
          .filter(([, , flaw]) => flaw !== null),
      );
    expect(wrong).toEqual([]);
  });

  test('never go in a circle, of types neither', () => {
    const graph = new Map(
      [...imports].map(([file, specifiers]) => [
        file,
        specifiers.flatMap((specifier) => targetOf(file, specifier) ?? []),
      ]),
    );
    expect(circleOf(graph)).toBeNull();
  });

  test('of a package stand in the files that hide it', () => {
    const found: Record<string, string[]> = {};
    for (const [file, specifiers] of imports) {
      if (isOfTests(file) || isIn('e2e', file) || isIn('scripts', file)) continue;
      for (const specifier of specifiers) {
        const name = packageOf(specifier);
        if (specifier.startsWith('.') || specifier.startsWith('node:') || EVERYWHERE.includes(name)) continue;
        found[name] = [...new Set([...(found[name] ?? []), file])].sort();
      }
    }
    expect(found).toEqual(HIDDEN);
  });

  test('[AP6] of what the page loads on use go through one door', () => {
    const isOfPage = (file: string): boolean =>
      isIn('web', file) && !isIn('web/worker', file) && !isIn('web/sw', file) && !isOfTests(file);
    const counts = sources.filter(isOfPage).map((file) => {
      const text = withoutComments(readFileSync(join(projectFolder, file), 'utf8'));
      const [all, noticed] = [/\bimport\(/g, /\bchunk\(\(\) =>\s*import\(/g].map(
        (way) => text.match(way)?.length ?? 0,
      );
      return { file, all, noticed };
    });
    expect(counts.filter(({ all, noticed }) => all !== noticed)).toEqual([]);
    expect(counts.filter(({ noticed }) => noticed !== undefined && noticed > 0).length).toBeGreaterThan(5);
  });

  test('are of every package that the product depends on, and of none beside', () => {
    const { dependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(projectFolder, 'package.json'), 'utf8'),
    ) as Record<'dependencies' | 'optionalDependencies', Record<string, string>>;
    const named = Object.keys({ ...dependencies, ...optionalDependencies }).sort();
    expect([...Object.keys(HIDDEN), ...EVERYWHERE].sort()).toEqual(named);
  });
});

describe('these tests', () => {
  test.each([
    ['shared/ids.ts', 'node:fs'],
    ['shared/ids.ts', 'idb'],
    ['shared/ids.ts', '../web/main.ts'],
    ['shared/manifest/link.ts', '../engine/io.ts'],
    ['shared/protocol/codec.ts', '../engine/io.ts'],
    ['shared/engine/io.ts', '../sim/swarm.ts'],
    ['shared/engine/io.ts', '../peer/ports.ts'],
    ['shared/engine/io.ts', '../url/probe.ts'],
    ['shared/url/probe.ts', '../peer/ports.ts'],
    ['shared/engine/io.ts', './testing/lab.ts'],
    ['shared/peer/peer.ts', '../sim/swarm.ts'],
    ['shared/peer/peer.ts', './contracts/link.ts'],
    ['shared/hex.ts', './manifest/link.ts'],
    ['shared/new/a.ts', './b.ts'],
    ['web/worker/main.ts', '../net/session.ts'],
    ['web/state/tones.ts', '../views/Home.svelte'],
    ['web/views/Home.svelte', '../net/session.ts'],
    ['signal-server/main.ts', '../web/main.ts'],
    ['other/a.ts', '../shared/ids.ts'],
    ['web/main.ts', '../package.json'],
  ])('would refuse that %s imports %s', (file, specifier) => {
    expect(flawOf(file, specifier)).not.toBeNull();
  });

  test('find every way to write an import', () => {
    const text = [
      "import a from 'a';",
      'import type { B } from "b";',
      "export * from 'c';",
      "  import 'd';",
      "void import('e');",
      'export type {\n F,\n} ' + "from 'f';",
      "// import 'g'",
      "const from = 'h';",
    ].join('\n');
    expect(importsOf(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('find a circle', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', []],
      ['d', ['b']],
    ]);
    expect(circleOf(graph)).toEqual(['b', 'd', 'b']);
    expect(circleOf(new Map([['a', ['a']]]))).toEqual(['a', 'a']);
  });
});
