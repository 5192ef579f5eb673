/**
 * JSON text to a value of a known shape ([MF1], [MF2]). Total: the text is a stranger's. Keys that the shape does not
 * name are dropped, and nothing is read from a prototype. The one file of the manifest that knows valibot.
 */
import * as v from 'valibot';
import { MAX_FILES, MAX_PATH_DEPTH, MAX_PIECES, MAX_URLS } from '../limits.ts';
import { refused } from './refusal.ts';
import type { Refusal, RefusalReason } from './refusal.ts';

/** The length is judged before the entries are looked at: ten million of them cost nothing. */
function list<Item extends v.GenericSchema>(most: number, item: Item) {
  return v.pipe(v.custom<unknown[]>(Array.isArray, 'Expected a list'), v.maxLength(most), v.array(item));
}

const piece = v.object({ sha256: v.string(), size: v.number() });

const resource = v.object({
  trackerIp: v.string(),
  trackerPort: v.union([v.string(), v.number()]),
  comment: v.string(),
  creationDate: v.string(),
  name: v.string(),
  pieces: list(MAX_PIECES, piece),
  shoal: v.exactOptional(v.string()),
});

const path = list(MAX_PATH_DEPTH, v.string());

const file = v.object({ path, size: v.number(), modified: v.exactOptional(v.number()) });

const shoalKey = v.object({
  salt: v.exactOptional(v.string()),
  modified: v.exactOptional(v.number()),
  files: v.exactOptional(list(MAX_FILES, file)),
  folders: v.exactOptional(list(MAX_FILES, path)),
  urls: v.exactOptional(list(MAX_URLS, v.object({ url: v.string(), file: v.number() }))),
});

/** Why a list that is too long is refused. */
const TOO_MANY: Readonly<Record<string, RefusalReason>> = {
  pieces: 'too-many-pieces',
  files: 'too-many-files',
  folders: 'too-many-files',
  urls: 'url',
};

export type RawResource = v.InferOutput<typeof resource>;
export type RawShoalKey = v.InferOutput<typeof shoalKey>;

export function readResourceShape(text: string): { kind: 'shaped'; value: RawResource } | Refusal {
  return readShape(text, resource);
}

export function readShoalShape(text: string): { kind: 'shaped'; value: RawShoalKey } | Refusal {
  return readShape(text, shoalKey);
}

function readShape<Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
): { kind: 'shaped'; value: v.InferOutput<Schema> } | Refusal {
  const json = parseJson(text);
  if (json.kind === 'refused') return json;
  // To valibot a list is an object, too.
  if (Array.isArray(json.value)) return refused('shape', 'a list in place of an object');
  const result = v.safeParse(schema, json.value, { abortEarly: true });
  if (result.success) return { kind: 'shaped', value: result.output };
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? 'the resource';
  // A list in a list is a path.
  const tooMany = where.includes('.') ? 'path' : TOO_MANY[where];
  return refused(
    (issue.type === 'max_length' ? tooMany : undefined) ?? 'shape',
    `${where}: ${issue.message}`,
  );
}

function parseJson(text: string): { kind: 'json'; value: unknown } | Refusal {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (error) {
    // A syntax error, or an engine that gives up on deep nesting.
    return refused('not-json', error instanceof Error ? error.message : 'not JSON');
  }
}
