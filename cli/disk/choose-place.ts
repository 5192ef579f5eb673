/**
 * [HL32] Where a share's files are to lie: in a new folder of its name, or as its one file; in one that is there already
 * only where it is this share that lies there. Makes the folder; asks nobody.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Claims } from './claims.ts';
import { partName, plainName } from './file-names.ts';
import { nextNames } from './free-path.ts';
import type { Layout } from './layout.ts';
import type { Notices } from './notices.ts';
import type { Below, TargetFolder } from './target-folder.ts';
import { isNoName } from './trouble.ts';
import { readdir } from 'node:fs/promises';

export interface PlaceHost {
  readonly target: TargetFolder;
  readonly claims: Claims;
  readonly notices: Notices;
}

/** Rejects with what the system says. */
export async function choosePlace(layout: Layout, infoHash: InfoHash, host: PlaceHost): Promise<string> {
  const wished = layout.names.top;
  for (const [name = wished] of nextNames([wished])) {
    if (!(await isFree(name, layout, infoHash, host))) continue;
    const top = await made(name, layout, host);
    const { target, notices } = host;
    if (name !== wished)
      notices.tell({ kind: 'name-taken', path: target.shown([wished]), instead: target.shown([top]) });
    return top;
  }
  throw new Error('every name for a share is taken');
}

async function isFree(
  name: string,
  layout: Layout,
  infoHash: InfoHash,
  { target, claims }: PlaceHost,
): Promise<boolean> {
  if (claims.isReserved(name)) return false;
  const found = await target.look([name]);
  const isAnothers = claims.isAnothers(name, infoHash);
  if (found === null) return !isAnothers;
  const isOneFile = layout.names.files[0]?.length === 0;
  if (isOneFile) return found.isFile() && Number(found.size) === layout.fileSize(0);
  if (!found.isDirectory()) return false;
  if (isAnothers) return isAllThere(layout, target, name);
  return (await readdir(await target.absolute([name]))).length === 0 || isSomeThere(layout, target, name);
}

/** Two shares of the same files have them once. */
async function isAllThere(layout: Layout, target: TargetFolder, top: string): Promise<boolean> {
  for (const [file, path] of layout.names.files.entries()) {
    const found = await target.look([top, ...path]);
    if (found?.isFile() !== true || Number(found.size) !== layout.fileSize(file)) return false;
  }
  return true;
}

/** It was begun before, by whatever means. */
async function isSomeThere(layout: Layout, target: TargetFolder, top: string): Promise<boolean> {
  for (const [file, path] of layout.names.files.entries()) {
    if (layout.fileSize(file) === 0) continue;
    const whole: Below = [top, ...path];
    const found = await target.look(whole);
    if (found?.isFile() === true && Number(found.size) === layout.fileSize(file)) return true;
    if (found !== null) continue;
    const part = await target.look([...whole.slice(0, -1), partName(whole.at(-1) ?? '')]);
    if (part?.isFile() === true && Number(part.size) <= layout.fileSize(file)) return true;
  }
  return false;
}

/** Of several files the folder; a name that the disk refuses becomes a plain one. */
async function made(name: string, layout: Layout, { target, notices }: PlaceHost): Promise<string> {
  if (layout.names.files[0]?.length === 0) return name;
  try {
    await target.makeFolder([name]);
    return name;
  } catch (error) {
    if (!isNoName(error)) throw error;
    const instead = plainName(name, 1);
    await target.makeFolder([instead]);
    notices.tell({ kind: 'name-refused', path: target.shown([name]), instead: target.shown([instead]) });
    return instead;
  }
}
