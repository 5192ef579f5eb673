/** Small and read-only file systems, where this machine lets a test mount them; elsewhere a test is skipped and says so. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Mount {
  readonly folder: string;
  /** With other options, as `size=8m` or `ro`. */
  remount(options: string): Promise<void>;
  unmount(): Promise<void>;
}

/** Null: nobody may mount anything here. */
export async function smallDisk(parent: string, megabytes: number): Promise<Mount | null> {
  const folder = join(parent, 'disk');
  await mkdir(folder, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'shoal-test', folder]);
  } catch {
    return null;
  }
  return {
    folder,
    async remount(options) {
      await run('mount', ['-o', `remount,${options}`, folder]);
    },
    async unmount() {
      await run('umount', ['-l', folder]);
    },
  };
}
