/**
 * `shoal` without a process, a network or a disk of its own: commands run over peers in memory that reach each other, on
 * one clock that a test moves. What is shared are real files in a folder of the test; what arrives is written there.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { InfoHash } from '../../../shared/ids.ts';
import { parseManifest } from '../../../shared/manifest/resource.ts';
import type { Manifest } from '../../../shared/manifest/manifest.ts';
import { MemoryActivity } from '../../../shared/peer/activity-store.ts';
import { MemoryLibrary } from '../../../shared/peer/library.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import type { FileToShare } from '../../../shared/peer/ports.ts';
import { MemoryMarks } from '../../../shared/peer/session-marks.ts';
import { MemorySettings } from '../../../shared/peer/settings.ts';
import { settled } from '../../../shared/peer/testing/fake-clock.ts';
import { MemoryFile, memoryFiles } from '../../../shared/peer/testing/memory-files.ts';
import { MemoryKept } from '../../../shared/peer/testing/memory-kept.ts';
import { nodeDigest, seededEntropy } from '../../../shared/peer/testing/node-ports.ts';
import { PeerLab } from '../../../shared/peer/testing/test-peer.ts';
import type { TestPeer } from '../../../shared/peer/testing/test-peer.ts';
import { HumanScreen } from '../../terminal/human-screen.ts';
import { JsonScreen } from '../../terminal/json-screen.ts';
import type { Said } from '../../terminal/said.ts';
import type { Out } from '../../terminal/screen.ts';
import type { ExitCode } from '../exit.ts';
import type {
  ChosenPaths,
  DiskOptions,
  Doors,
  FileVerdict,
  Host,
  HostOptions,
  OpenedDisk,
  SavedOutcome,
} from '../ports.ts';
import { runShoal } from '../run.ts';

/** What was written to an output. */
export class Captured implements Out {
  readonly isTTY: boolean;
  columns = 80;
  text = '';
  /** How often something was. */
  writes = 0;

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(chunk: string | Uint8Array): void {
    this.writes += 1;
    this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  }

  get lines(): string[] {
    return this.text.split('\n').filter((line) => line !== '');
  }
}

/** One call that runs. */
export class Run {
  readonly out: Captured;
  readonly err: Captured;
  readonly logged: { level: string; fields: object; text: string }[] = [];
  code: ExitCode | null = null;
  readonly #interruption = new AbortController();

  constructor(isTTY: boolean) {
    this.out = new Captured(isTTY);
    this.err = new Captured(isTTY);
  }

  get interrupted(): AbortSignal {
    return this.#interruption.signal;
  }

  interrupt(): void {
    this.#interruption.abort();
  }

  /** With `--json`. */
  get said(): Said[] {
    return this.out.lines.map((line) => JSON.parse(line) as Said);
  }

  of<Type extends Said['type']>(type: Type): Extract<Said, { type: Type }>[] {
    return this.said.filter((said): said is Extract<Said, { type: Type }> => said.type === type);
  }

  get link(): string {
    return /http\S+#[\w-]{43}/.exec(this.out.text)?.[0] ?? '';
  }
}

type Stores = Pick<OpenedDisk, 'store' | 'library' | 'marks' | 'settings' | 'activity' | 'kept'>;

export class TerminalLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'shoal-commands-'));
  readonly peers = new PeerLab();
  /** In the order of their beginning. */
  readonly hosts: TestPeer[] = [];
  /** What was asked of the doors. */
  readonly diskOptions: DiskOptions[] = [];
  readonly hostOptions: HostOptions[] = [];
  readonly #stores = new Map<string, Stores>();
  readonly #open = new Set<string>();

  readonly doors: Doors = {
    platform: async () => ({
      clock: this.peers.clock,
      digest: nodeDigest,
      entropy: seededEntropy(7),
      files: memoryFiles,
    }),
    chosenPaths: async (paths) => chosen(paths),
    verifyFiles: async (manifest, path, onProgress) => verified(manifest, path, onProgress),
    openDisk: async (options) => this.#disk(options),
    startHost: async (options) => this.#host(options),
    trackerSocket: async (_, listener) => this.peers.tracker.socket(listener),
  };

  /** Begins a call; it goes on while the clock is moved. */
  start(words: readonly string[], more: { isTTY?: boolean; env?: Record<string, string> } = {}): Run {
    const run = new Run(more.isTTY ?? false);
    const { out, err, interrupted } = run;
    const now = (): number => this.peers.clock.now();
    const ended = runShoal(words, {
      ...{ doors: this.doors, folder: this.folder, out, err, interrupted, version: '0.0.0' },
      env: { HOME: join(this.folder, 'home'), ...more.env },
      screenFor: async (kind) =>
        kind === 'machines'
          ? new JsonScreen({ out, err }, now)
          : new HumanScreen({ out, err, now, blocks: true, orders: true }),
      logFor: async () => {
        const note = (level: string) => (fields: object, text: string) =>
          void run.logged.push({ level, fields, text });
        return { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
      },
    });
    void ended.then((code) => (run.code = code));
    return run;
  }

  /** To its end. */
  async run(
    words: readonly string[],
    more: { isTTY?: boolean; env?: Record<string, string> } = {},
  ): Promise<Run> {
    const run = this.start(words, more);
    await this.until(() => run.code !== null, `the end of shoal ${words.join(' ')}`);
    return run;
  }

  /** Moves the clock until it is so, in small steps, as commands wait for the real disk as well. */
  async until(isSo: () => boolean, what: string, most = 20_000): Promise<void> {
    for (let step = 0; step < most; step++) {
      if (isSo()) return;
      await this.peers.clock.advance(step % 4 === 0 ? 20 : 0);
      await settled();
    }
    throw new Error(`not reached: ${what}`);
  }

  file(path: string, bytes: Uint8Array | string): string {
    const absolute = join(this.folder, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, bytes);
    return absolute;
  }

  read(path: string): Buffer {
    return readFileSync(join(this.folder, path));
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #disk(options: DiskOptions): OpenedDisk {
    const { stateFolder, targetFolder } = options;
    if (this.#open.has(stateFolder)) throw new Error(`${stateFolder} is open twice`);
    this.#open.add(stateFolder);
    this.diskOptions.push(options);
    const stores = this.#stores.get(stateFolder) ?? newStores();
    this.#stores.set(stateFolder, stores);
    return {
      ...stores,
      files: memoryFiles,
      gather: async () => 0,
      stopLooking: () => undefined,
      finish: (infoHash) => written(stores, infoHash, targetFolder),
      close: async () => void this.#open.delete(stateFolder),
    };
  }

  #host(options: HostOptions): Host {
    this.hostOptions.push(options);
    const { store, library, marks, settings, activity, kept } = options.disk;
    const test = this.peers.peer({ store, library, marks, settings, activity, kept }, options.listener);
    this.hosts.push(test);
    return {
      peer: test.peer,
      restored: test.peer.restore(),
      unreachable: null,
      close: () => test.peer.close(),
    };
  }
}

function newStores(): Stores {
  return {
    store: new MemoryStore(),
    library: new MemoryLibrary(),
    marks: new MemoryMarks(),
    settings: new MemorySettings(),
    activity: new MemoryActivity(),
    kept: new MemoryKept(),
  };
}

function chosen(paths: readonly string[]): ChosenPaths {
  const files: FileToShare[] = [];
  const take = (path: string, above: readonly string[]): void => {
    const here = [...above, basename(path)];
    const found = statSync(path);
    if (found.isDirectory())
      return readdirSync(path)
        .sort()
        .forEach((name) => take(join(path, name), here));
    files.push({
      content: new MemoryFile(new Uint8Array(readFileSync(path))),
      path: here,
      modified: Math.trunc(found.mtimeMs),
    });
  };
  for (const path of paths) {
    try {
      take(path, []);
    } catch {
      return { kind: 'refused', message: `There is no ${path}.` };
    }
  }
  const name = files.length === 1 ? (files[0]?.path.at(-1) ?? '') : basename(paths[0] ?? '');
  return { kind: 'chosen', files, folders: [], name, notices: [] };
}

/** Whole files one by one: those of these tests have pieces of their own. */
function verified(manifest: Manifest, path: string, onProgress: (read: number, total: number) => void) {
  onProgress(manifest.totalBytes, manifest.totalBytes);
  let [piece, found] = [0, 0];
  const right = new Set<number>();
  const files = manifest.files.map((file): FileVerdict => {
    const bytes = contentAt(path, file.path);
    if (bytes !== null) found += 1;
    let isRight = bytes?.length === file.size;
    for (let at = 0; at < file.size; piece++) {
      const { size = 0, sha256 = '' } = manifest.pieces[piece] ?? {};
      const part = bytes?.subarray(at, at + size) ?? new Uint8Array();
      if (createHash('sha256').update(part).digest('hex') === sha256) right.add(piece);
      else isRight = false;
      at += size;
    }
    return bytes === null ? 'missing' : isRight ? 'right' : 'wrong';
  });
  return found === 0
    ? { kind: 'nothing-there' as const }
    : { kind: 'verified' as const, files, pieces: right };
}

function contentAt(path: string, file: readonly string[]): Buffer | null {
  for (const place of [join(path, ...file), path]) {
    try {
      return readFileSync(place);
    } catch {
      // The other place, or none.
    }
  }
  return null;
}

/** What is stored of a share, as files. */
async function written({ store }: Stores, infoHash: InfoHash, folder: string): Promise<SavedOutcome | null> {
  const record = await store.share(infoHash);
  const parsed = record === null ? null : parseManifest(record.manifest);
  if (parsed?.kind !== 'parsed') return null;
  const { manifest } = parsed;
  const pieces = await Promise.all(manifest.pieces.map((_, piece) => store.piece(infoHash, piece)));
  const bytes = Buffer.concat(
    pieces.map((piece, nth) => piece ?? new Uint8Array(manifest.pieces[nth]?.size ?? 0)),
  );
  let at = 0;
  const files = manifest.files.map(({ path, size }) => {
    const target = join(folder, ...path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes.subarray(at, (at += size)));
    return { path, size, at: target };
  });
  return { path: join(folder, manifest.files[0]?.path[0] ?? manifest.name), files, changedNames: [] };
}
