/** A folder of files whose names are hard on shells, disks, zips and eyes, and what is there when all of it has arrived. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { madeBytes, sha256Of } from './files.ts';
import type { Folder } from './files.ts';

/** What arrives, by path below the folder in which the tree lies: the digest of a file. */
export type Arrived = Readonly<Record<string, string>>;

export interface AwkwardTree {
  readonly path: string;
  readonly arrives: Arrived;
}

const TOP = 'Ordner №1 & more';
const BYTES = 150_000;
/** On the sender's disk; what it is called where it arrives, if that is something else ([MF6] [MF9]). */
const NAMES: readonly (readonly [made: string, arrives?: string])[] = [
  ['Fotos & Töne/naïve café ☕.txt'],
  ['Fotos & Töne/👩‍👩‍👧 family.bin'],
  ['#1 100% ?a=b&c.txt'],
  ['it\'s "quoted" $(x) `y`; *.sh'],
  ['-rf'],
  [' leads with a space.txt'],
  ['e\u0301tude decomposed.txt'],
  [`${'ä'.repeat(125)}.bin`],
  ['a/b/c/d/e/f/g/h/i/j/k/deep.bin'],
  ['film.mkv.part'],
  ['CON.txt', '_CON.txt'],
  ['ends in a dot.', 'ends in a dot'],
  ['line\nbreak.txt', 'line_break.txt'],
  ['reversed \u202egpj.exe', 'reversed gpj.exe'],
];
const EMPTY = 'nothing in it.txt';

/** Made in the folder. */
export async function awkwardTree(folder: Folder): Promise<AwkwardTree> {
  const arrives: Record<string, string> = {};
  const make = async (made: string, as: string, bytes: Uint8Array): Promise<void> => {
    const path = join(folder.path, TOP, made);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    arrives[`${TOP}/${as}`] = await sha256Of(path);
  };
  for (const [nth, [made, as = made]] of NAMES.entries()) await make(made, as, madeBytes(BYTES + nth, nth));
  await make(EMPTY, EMPTY, new Uint8Array());
  return { path: join(folder.path, TOP), arrives };
}

/** What lies in a folder, hidden things aside, by path below it. */
export async function arrivedIn(folder: string): Promise<Arrived> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const arrived: Record<string, string> = {};
  for (const path of paths) {
    const below = relative(folder, path);
    if (!below.startsWith('.shoal')) arrived[below] = await sha256Of(path);
  }
  return arrived;
}
