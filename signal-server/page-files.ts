/**
 * The built page: read into memory whole when the server starts, so that a build that happens meanwhile never
 * shows half of itself, and no request's path ever reaches the file system ([SV1], [SV2]). The start page is told then
 * where the world finds it ([SV17]).
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { withPreview } from './link-preview.ts';

type Coding = 'br' | 'gzip' | 'identity';

interface PageFile {
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  readonly bodies: Readonly<Partial<Record<Coding, Buffer>>> & { readonly identity: Buffer };
}

export interface PageResponse {
  readonly status: 200 | 304;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer | null;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};
const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';

export class PageFiles {
  readonly #files = new Map<string, PageFile>();

  /** `folder` may not exist: then there is no page. `publicUrl`: where the world finds it, with a slash at its end. */
  constructor(folder: string, publicUrl: string | null = null) {
    if (!existsSync(folder)) return;
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(?:gz|br)$/.test(entry.name) && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name));
    for (const path of paths) {
      const url = path
        .slice(folder.replace(/[/\\]+$/, '').length)
        .split(sep)
        .join('/');
      const file = readPageFile(path, url);
      if (url === '/index.html') this.#files.set('/', publicUrl === null ? file : startPage(file, publicUrl));
      else this.#files.set(url, file);
    }
  }

  get built(): boolean {
    return this.#files.has('/');
  }

  /** Null: there is no such file. `path` is the URL's, without the query, as the client wrote it. */
  respond(path: string, accepted: string | undefined, ifNoneMatch: string | undefined): PageResponse | null {
    const file = this.#files.get(decoded(path));
    if (!file) return null;
    const coding = bestCoding(file, accepted ?? '');
    const etag = `"${file.etag}-${coding}"`;
    const headers = {
      'Content-Type': file.type,
      'Cache-Control': file.cacheControl,
      ETag: etag,
      Vary: 'Accept-Encoding',
    };
    if (ifNoneMatch && matches(ifNoneMatch, etag)) return { status: 304, headers, body: null };
    const body = file.bodies[coding] ?? file.bodies.identity;
    const encoding = coding === 'identity' ? {} : { 'Content-Encoding': coding };
    return { status: 200, headers: { ...headers, ...encoding, 'Content-Length': body.length }, body };
  }
}

function readPageFile(path: string, url: string): PageFile {
  const identity = readFileSync(path);
  const compressed = (suffix: string) => (existsSync(path + suffix) ? readFileSync(path + suffix) : null);
  const br = compressed('.br');
  const gzip = compressed('.gz');
  return {
    type: TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
    etag: etagOf(identity),
    cacheControl: url.startsWith('/assets/') ? IMMUTABLE : REVALIDATE,
    bodies: { identity, ...(br ? { br } : {}), ...(gzip ? { gzip } : {}) },
  };
}

/** Its compressed forms are those of another text. */
function startPage(file: PageFile, publicUrl: string): PageFile {
  const identity = Buffer.from(withPreview(file.bodies.identity.toString(), publicUrl));
  const bodies = { identity, br: brotliCompressSync(identity), gzip: gzipSync(identity) };
  return { ...file, etag: etagOf(identity), bodies };
}

function etagOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The smallest coding that the client takes; a `q=0` refuses one. */
function bestCoding(file: PageFile, accepted: string): Coding {
  const taken = new Set(
    accepted
      .toLowerCase()
      .split(',')
      .map((item) => item.trim().split(/\s*;\s*/))
      .filter(([, quality]) => !/^q=0(?:\.0*)?$/.test(quality ?? ''))
      .map(([name]) => name ?? ''),
  );
  if (file.bodies.br && taken.has('br')) return 'br';
  return file.bodies.gzip && taken.has('gzip') ? 'gzip' : 'identity';
}

function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
