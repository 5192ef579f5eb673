/** The results that were written down, in `results/`, and the README's table, which is made of them. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { projectFolder } from '../../scripts/processes.ts';
import { resultIn, resultJson, withFigures } from './figures.ts';
import type { Result } from './figures.ts';

const FOLDER = fileURLToPath(new URL('results', import.meta.url));
const README = join(projectFolder, 'README.md');

/** In the place of what its part found before. */
export async function writeDown(result: Result): Promise<void> {
  const path = join(FOLDER, `${result.part}.json`);
  await mkdir(FOLDER, { recursive: true });
  await writeFile(path, await formatted(resultJson(result), path));
  await writeFile(README, await readmeOfResults());
}

/** The README as it has to be with the results that lie there. */
export async function readmeOfResults(): Promise<string> {
  return formatted(withFigures(await readFile(README, 'utf8'), allResults()), README);
}

function allResults(): Result[] {
  if (!existsSync(FOLDER)) return [];
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return names.map((name) => resultIn(readFileSync(join(FOLDER, name), 'utf8')));
}

/** As `npm run format` leaves a file of that name. */
async function formatted(text: string, path: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}
