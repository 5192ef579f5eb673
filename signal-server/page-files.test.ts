import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PageFiles } from './page-files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-page-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, content = path): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** What a browser gets that asks for this. */
function got(files: PageFiles, path: string, accepted?: string, etag?: string) {
  const found = files.respond(path, accepted, etag);
  if (found === null) return null;
  return { ...found, text: found.body?.toString() ?? null };
}

describe('[SV1] the built page', () => {
  test('is all that was there when the server started, and nothing that came later', () => {
    put('index.html', 'first');
    const files = new PageFiles(folder);
    put('index.html', 'second');
    put('late.js');
    rmSync(join(folder, 'index.html'));
    expect(got(files, '/')?.text).toBe('first');
    expect(got(files, '/late.js')).toBeNull();
    expect(files.built).toBe(true);
  });

  test('is none where no folder is, or no start page in it', () => {
    expect(new PageFiles('').built).toBe(false);
    expect(new PageFiles(join(folder, 'nowhere')).built).toBe(false);
    put('assets/a.js');
    const half = new PageFiles(folder);
    expect(half.built).toBe(false);
    expect(got(half, '/assets/a.js')?.status).toBe(200);
  });

  test('has its start page at / alone, and its other files where they stand, however deep', () => {
    put('index.html');
    put('deep/er/file.js');
    put('with space ü.txt', 'named');
    const files = new PageFiles(`${folder}/`);
    expect(got(files, '/index.html')).toBeNull();
    expect(got(files, '/deep/er/file.js')?.text).toBe('deep/er/file.js');
    expect(got(files, '/with%20space%20%C3%BC.txt')?.text).toBe('named');
    for (const path of [
      '',
      '/deep',
      '/deep/er/',
      '//deep/er/file.js',
      '/deep/../index.html',
      '/%E0%A4%A',
      '/%',
    ]) {
      expect(got(files, path)).toBeNull();
    }
  });

  test('holds back what is not for browsers: notes of the build, and compressed forms by themselves', () => {
    for (const name of ['index.html', '.inputs', 'a.js', 'a.js.gz', 'a.js.br', 'deep/.hidden']) put(name);
    const files = new PageFiles(folder);
    for (const path of ['/.inputs', '/a.js.gz', '/a.js.br', '/deep/.hidden'])
      expect(got(files, path)).toBeNull();
  });
});

describe('[SV2] how files are sent', () => {
  test.each([
    ['x.html', 'text/html; charset=utf-8'],
    ['x.js', 'text/javascript; charset=utf-8'],
    ['x.css', 'text/css; charset=utf-8'],
    ['x.webmanifest', 'application/manifest+json; charset=utf-8'],
    ['x.svg', 'image/svg+xml'],
    ['x.PNG', 'image/png'],
    ['x.wasm', 'application/wasm'],
    ['x.unheard-of', 'application/octet-stream'],
    ['x', 'application/octet-stream'],
  ])('%s is %s', (name, type) => {
    put(name);
    expect(got(new PageFiles(folder), `/${name}`)?.headers['Content-Type']).toBe(type);
  });

  test('what has its hash in its name is kept for a year, everything else is asked for anew', () => {
    for (const name of ['index.html', 'sw.js', 'assets/a-1.js', 'other/assets/a.js']) put(name);
    const files = new PageFiles(folder);
    const caching = (path: string) => got(files, path)?.headers['Cache-Control'];
    expect(caching('/assets/a-1.js')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/', '/sw.js', '/other/assets/a.js']) expect(caching(path)).toBe('no-cache');
  });

  test.each([
    ['br, gzip', 'br'],
    ['gzip, deflate, br', 'br'],
    ['GZIP', 'gzip'],
    ['gzip;q=0.5, br;q=0', 'gzip'],
    ['gzip ; q=0.000 , br;q=0.0', undefined],
    ['br;q=0.001', 'br'],
    ['identity', undefined],
    ['deflate, zstd', undefined],
    ['brotli', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('to a browser that takes %j it goes as %s', (accepted, coding) => {
    put('a.js', 'plain text');
    put('a.js.gz', 'zipped');
    put('a.js.br', 'small');
    const found = got(new PageFiles(folder), '/a.js', accepted);
    const text = coding === 'br' ? 'small' : coding === 'gzip' ? 'zipped' : 'plain text';
    expect([found?.text, found?.headers['Content-Encoding']]).toEqual([text, coding]);
    expect(found?.headers).toMatchObject({ 'Content-Length': text.length, Vary: 'Accept-Encoding' });
  });

  test('a form that was not made is not missed', () => {
    put('a.js', 'plain');
    put('a.js.gz', 'zip');
    put('b.png', 'picture');
    const files = new PageFiles(folder);
    expect(got(files, '/a.js', 'br')?.text).toBe('plain');
    expect(got(files, '/a.js', 'br, gzip')?.text).toBe('zip');
    expect(got(files, '/b.png', 'br, gzip')?.text).toBe('picture');
  });
});

describe('[SV2] a file that the browser has already', () => {
  function fixture() {
    put('a.js', 'content');
    put('a.js.br', 'c');
    const files = new PageFiles(folder);
    const tag = (accepted?: string) => String(got(files, '/a.js', accepted)?.headers['ETag']);
    return { files, tag };
  }

  test('is not sent again, in whatever way the browser names it', () => {
    const { files, tag } = fixture();
    for (const named of [tag(), `W/${tag()}`, `"other", ${tag()}`, `  ${tag()} ,"x"`, '*']) {
      const found = got(files, '/a.js', undefined, named);
      expect([found?.status, found?.text]).toEqual([304, null]);
      expect(found?.headers).toMatchObject({
        ETag: tag(),
        'Cache-Control': 'no-cache',
        Vary: 'Accept-Encoding',
      });
      expect(found?.headers).not.toHaveProperty('Content-Length');
    }
  });

  test('is sent where it is another one, another form of it, or no name at all', () => {
    const { files, tag } = fixture();
    expect(tag('br')).not.toBe(tag());
    for (const named of ['"other"', tag('br'), tag().slice(1, -1), '']) {
      expect(got(files, '/a.js', undefined, named)?.status).toBe(200);
    }
    put('a.js', 'changed');
    expect(got(new PageFiles(folder), '/a.js', undefined, tag())?.text).toBe('changed');
  });
});

describe('[SV17] the picture of a link’s preview', () => {
  const HTML = '<head><title>Shoal</title></head><p>page</p>';
  const page = (publicUrl?: string) => {
    put('index.html', HTML);
    put('index.html.br', 'of the text as it was built');
    put('index.html.gz', 'of the text as it was built');
    put('other.html', HTML);
    return new PageFiles(folder, publicUrl);
  };

  test('stands in the start page, with the address that the operator gave, in every form of it', () => {
    const files = page('https://share.example/drop/');
    const text = got(files, '/')?.text ?? '';
    expect(text).toContain('<meta property="og:image" content="https://share.example/drop/preview.png" />');
    expect(text).toContain('<meta property="og:url" content="https://share.example/drop/" />');
    expect(text.replaceAll(/\s*<meta[^>]*>\s*/g, '')).toBe(HTML);
    expect(text.indexOf('og:image')).toBeLessThan(text.indexOf('</head>'));
    const [br, gzip] = ['br', 'gzip'].map((coding) => files.respond('/', coding, undefined));
    expect(brotliDecompressSync(br?.body ?? '').toString()).toBe(text);
    expect(gunzipSync(gzip?.body ?? '').toString()).toBe(text);
    expect(br?.headers['Content-Length']).toBe(br?.body?.length);
    expect(got(files, '/other.html')?.text).toBe(HTML);
  });

  test('is another page to caches than the one without, and than that of another address', () => {
    const tags = [undefined, 'https://a.example/', 'https://b.example/'].map(
      (publicUrl) => got(page(publicUrl), '/')?.headers['ETag'],
    );
    expect(new Set(tags).size).toBe(3);
  });

  test('is left out where the operator gave none', () => {
    expect(got(page(), '/')?.text).toBe(HTML);
  });

  test('cannot bring anything else into the page', () => {
    const text = got(page(`https://a.example/'"><script>&amp;</script>/`), '/')?.text ?? '';
    expect(text).not.toContain('<script');
    expect(text).toContain(
      `content="https://a.example/'&quot;&gt;&lt;script&gt;&amp;amp;&lt;/script&gt;/preview.png"`,
    );
  });

  test('needs a head to stand in', () => {
    put('index.html', 'no head');
    expect(got(new PageFiles(folder, 'https://a.example/'), '/')?.text).toBe('no head');
  });
});
