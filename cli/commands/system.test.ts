/** Folders that are made for what arrives, and those that cannot be. */
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writableFolder } from './system.ts';

let root = '';
beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'shoal-system-'))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('[HL17] an output folder', () => {
  test('[HL17] is made with those above it, by two at once, too', async () => {
    const folder = join(root, 'a/b/c');
    await Promise.all([writableFolder(folder), writableFolder(folder)]);
    await writableFolder(folder);
    expect(statSync(folder).isDirectory()).toBe(true);
  });

  test('[HL17] is refused with a sentence below a file, and at the end of a link that leads nowhere', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(writableFolder(join(root, 'file/x/y'))).rejects.toThrow(
      /a part of its path is a file|needed/,
    );
    symlinkSync(join(root, 'unplugged'), join(root, 'drive'));
    await expect(writableFolder(join(root, 'drive'))).rejects.toThrow(/^There is no folder .*drive\.$/);
    await expect(writableFolder(join(root, 'drive/x'))).rejects.toThrow(/^There is no folder .*drive\.$/);
  });

  test.skipIf(!existsSync('/proc/self'))(
    '[HL17] is refused at once where the system says that it has no such place',
    async () => {
      await expect(writableFolder('/proc/shoal/x')).rejects.toThrow(/folder \/proc/);
    },
  );
});
