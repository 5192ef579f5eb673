/**
 * The service worker's end of the share target ([AP3]): reads the form that another app hands over, keeps what is in it
 * for a page to take, and leads there. Knows nothing of shares.
 */
import { MAX_FILES } from '../../shared/limits.ts';
import { FIELDS, RECEIVED } from '../worker/handed/addresses.ts';
import { keepHanded } from '../worker/handed/handed-store.ts';
import type { Handed } from '../worker/handed/handed-store.ts';

/** `scope`: the address of the page. `database`: where it is kept. Whatever came, the answer leads to the page. */
export async function takeOverForm(request: Request, scope: string, database: string): Promise<Response> {
  // What is no form, or breaks off, is nothing.
  const form = await request.formData().catch(() => null);
  const handed = form === null ? null : handedIn(form);
  if (handed !== null && (await keepHanded(database, handed, Date.now())) === 'not-kept') {
    await keepHanded(database, { kind: 'no-room' }, Date.now());
  }
  return Response.redirect(new URL(RECEIVED, scope).href, 303);
}

/** Null: nothing. Where there are files, the words that came with them are theirs and not for us. */
export function handedIn(form: FormData): Handed | null {
  const files = form.getAll(FIELDS.files).filter((entry) => typeof entry !== 'string');
  // A field that nobody chose a file for is sent as one without name and content.
  const chosen = files.filter(({ name, size }) => name !== '' || size > 0);
  if (chosen.length > MAX_FILES) return { kind: 'too-many-files' };
  if (chosen.length > 0) {
    return {
      kind: 'files',
      files: chosen.map((file) => {
        const { name, type, lastModified } = file;
        return { name, type, lastModified, content: file };
      }),
    };
  }
  const [title, text, url] = [
    textOf(form, FIELDS.title),
    textOf(form, FIELDS.text),
    textOf(form, FIELDS.url),
  ];
  return title + text + url === '' ? null : { kind: 'text', title, text, url };
}

function textOf(form: FormData, field: string): string {
  const entry = form.get(field);
  return typeof entry === 'string' ? entry.trim() : '';
}
