/**
 * Puts a share into the folder of a seeding daemon ([HL15]): its files, as clones where the file system has those, and its
 * resource file, all of them in one moment. Nothing that lies there is written over.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { displayName } from '../../shared/manifest/display.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { serialiseManifest } from '../../shared/manifest/resource.ts';
import { resourceFileName, savedName, savedPaths } from '../../shared/manifest/saved-paths.ts';
import { Ended, INTERRUPTED, notDone } from './exit.ts';
import type { PlacedFile } from './placed-files.ts';
import { stateOfPath, systemEnded, writableFolder, writeWhole } from './system.ts';

/** Folders of one name beside one another. */
const MOST_ALIKE = 1_000;

export interface Kept {
  readonly folder: string;
  readonly resource: string;
}

/** `sources`: where the files are now, in the manifest's order. Ends the command where it cannot be done. */
export async function keepIn(
  daemonFolder: string,
  manifest: Manifest,
  sources: readonly Pick<PlacedFile, 'path'>[],
  interrupted: AbortSignal,
): Promise<Kept> {
  await writableFolder(daemonFolder);
  // Hidden until it is whole: the daemon passes over it.
  const draft = join(daemonFolder, `.keeping-${process.pid}-${Date.now().toString(36)}`);
  try {
    await fill(draft, manifest, sources, interrupted);
    const resource = await resourceIn(draft, manifest);
    const folder = await placeFor(daemonFolder, manifest.name, draft);
    return { folder, resource: join(folder, resource) };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function fill(
  draft: string,
  manifest: Manifest,
  sources: readonly Pick<PlacedFile, 'path'>[],
  interrupted: AbortSignal,
): Promise<void> {
  const { files, folders } = savedPaths(manifest);
  for (const path of folders) await mkdir(join(draft, ...path), { recursive: true });
  for (const [nth, path] of files.entries()) {
    if (interrupted.aborted) throw new Ended(INTERRUPTED, 'Stopped. Nothing was handed to the daemon.');
    const [source, target] = [sources[nth]?.path ?? '', join(draft, ...path)];
    try {
      await mkdir(dirname(target), { recursive: true });
      await copyFile(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
      const modified = manifest.files[nth]?.modified;
      if (modified !== undefined) await utimes(target, modified / 1_000, modified / 1_000);
    } catch (error) {
      throw systemEnded(error, `“${displayName(path.at(-1) ?? '')}”`);
    }
  }
}

/** One of the share's own files may be called like it. Answers its name. */
async function resourceIn(draft: string, manifest: Manifest): Promise<string> {
  const bytes = serialiseManifest(manifest) ?? new Uint8Array();
  for (let nth = 1; ; nth++) {
    const name = resourceFileName(nth === 1 ? manifest.name : `${nth} ${manifest.name}`);
    if ((await stateOfPath(join(draft, name))) !== 'missing') continue;
    await writeWhole(join(draft, name), bytes, false);
    return name;
  }
}

/** The folder gets the share's name, or one with a number. */
async function placeFor(daemonFolder: string, name: string, draft: string): Promise<string> {
  const wished = savedName(name);
  for (let nth = 1; nth <= MOST_ALIKE; nth++) {
    const folder = join(daemonFolder, nth === 1 ? wished : `${wished} (${nth})`);
    if ((await stateOfPath(folder)) !== 'missing') continue;
    await rename(draft, folder).catch((error: unknown) => {
      throw systemEnded(error, `the folder ${displayName(folder)}`);
    });
    return folder;
  }
  throw notDone(
    `There are too many folders “${displayName(wished)}” in ${displayName(daemonFolder)}. Choose another --name.`,
  );
}
