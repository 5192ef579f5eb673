/** The files that the host asks for ([LB10]), checked at the edge and in the one form that the machine knows. */
import * as v from 'valibot';
import type { ChosenFiles } from '../manifest/file-pieces.ts';

/** Null: no choice of files. `count`: how many the share has. Whoever names all of them wants all of it. */
export function askedFiles(asked: unknown, count: number): { readonly files: ChosenFiles } | null {
  const File = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(count - 1));
  const Files = v.nullable(v.pipe(v.array(File), v.minLength(1), v.maxLength(count)));
  const checked = v.safeParse(Files, asked);
  if (!checked.success) return null;
  if (checked.output === null) return { files: null };
  const files = [...new Set(checked.output)].sort((one, other) => one - other);
  return { files: files.length === count ? null : files };
}
