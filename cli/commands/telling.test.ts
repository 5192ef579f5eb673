/** What of a peer's troubles gets into the log. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { infoHash } from '../../shared/ids.ts';
import { Telling } from './telling.ts';

test('[HL7] the log says which error broke a share and where, and no file’s name', async () => {
  const logged: string[] = [];
  const note = (fields: object, text: string): void => void logged.push(JSON.stringify({ ...fields, text }));
  const telling = new Telling({ debug: note, info: note, warn: note, error: note });
  const id = infoHash('a'.repeat(64));
  if (id === null) throw new Error('no id');
  telling.shareBroke(id, await readFile('/nowhere/secret film.mp4').catch((error: unknown) => error));
  telling.shareBroke(id, new Error('/home/me/secret film.mp4 is a link or no folder'));
  telling.shareBroke(id, '/home/me/secret film.mp4');
  expect(logged.map((line) => /"error":"(\w+)"/.exec(line)?.[1])).toEqual(['ENOENT', 'Error', 'string']);
  expect(logged[1]).toContain('telling.test.ts');
  expect(logged.join()).not.toMatch(/secret/);
  expect(telling.broken.has(id)).toBe(true);
});
