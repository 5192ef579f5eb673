/**
 * Puts a share into the folder of a seeding daemon ([HL15]): its files, as clones where the file system has those, and
 * then its resource file, whose coming tells the daemon that all is there. Nothing that lies there is written over.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { displayName } from '../../shared/manifest/display.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { serialiseManifest } from '../../shared/manifest/resource.ts';
import { resourceFileName, savedName, savedPaths } from '../../shared/manifest/saved-paths.ts';
import { notDone } from './exit.ts';
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
): Promise<Kept> {
  await writableFolder(daemonFolder);
  // Hidden until it is whole: the daemon passes over it.
  const draft = join(daemonFolder, `.keeping-${process.pid}-${Date.now().toString(36)}`);
  try {
    await fill(draft, manifest, sources);
    const folder = await placeFor(daemonFolder, manifest.name, draft);
    const resource = join(folder, resourceFileName(manifest.name));
    await writeWhole(resource, serialiseManifest(manifest) ?? new Uint8Array(), false);
    return { folder, resource };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function fill(
  draft: string,
  manifest: Manifest,
  sources: readonly Pick<PlacedFile, 'path'>[],
): Promise<void> {
  const { files, folders } = savedPaths(manifest);
  for (const path of folders) await mkdir(join(draft, ...path), { recursive: true });
  for (const [nth, path] of files.entries()) {
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
