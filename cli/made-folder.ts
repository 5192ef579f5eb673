/**
 * Makes a folder and those above it, one above the other: Node's own way never ends where a folder is denied as if the one
 * above it were missing, as in /proc.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isTaken } from './disk/free-path.ts';
import { orNull } from './disk/trouble.ts';

/** Harmless where it is there. Rejects with what the system says; where a file is in the way, whatever comes next does. */
export async function madeFolder(folder: string): Promise<void> {
  const found = await orNull(stat(folder));
  if (found?.isDirectory() === true) return;
  const above = dirname(folder);
  if (above !== folder) await madeFolder(above);
  try {
    await mkdir(folder);
  } catch (error) {
    if (!isTaken(error)) throw error; // somebody was quicker
  }
}
