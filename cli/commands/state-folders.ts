/**
 * Where a command remembers what it needs to go on ([HL12]). Each download, each share of the same paths and each daemon
 * has a folder of its own, so that several commands run at once and none takes another's place. Pure.
 */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';

/** Passed over wherever content is looked for. */
export const STATE_FOLDER = '.shoal';
/** Of a daemon, in it. */
export const DAEMON_STATE = 'seed';
/** What is kept of each share that is known, under its info-hash ([HL36]). */
export const REMEMBERED_MANIFEST = 'manifest.torrentinno';
/** Digits of an id or digest by which folders are told apart. */
const DIGITS = 16;

/** Beside what is downloaded. */
export function stateFolderIn(folder: string, infoHash: InfoHash): string {
  return join(folder, STATE_FOLDER, infoHash.slice(0, DIGITS));
}

export function daemonStateIn(folder: string): string {
  return join(folder, STATE_FOLDER, DAEMON_STATE);
}

/** For what is shared from where it lies: nothing is written beside it. */
export function shareState(
  paths: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const digest = createHash('sha256')
    .update([...paths].sort().join('\0'))
    .digest('hex');
  const set = env['XDG_STATE_HOME'];
  const home = set !== undefined && set !== '' ? set : join(env['HOME'] ?? homedir(), '.local', 'state');
  return join(home, 'shoal', 'shares', digest.slice(0, DIGITS));
}
