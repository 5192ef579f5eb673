/**
 * Small pages of the tests' own: one script, bundled as the product's are, and a server that gives out what it is
 * told to. For parts that are tested in a real browser without the whole product around them.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import type { UserConfig } from 'vite';

/** The script at `entry` (a path beside this file's folder) with all it imports. */
export async function bundled(entry: string, define: Record<string, string> = {}): Promise<string> {
  return (await outputsOf(entry, { define })).script;
}

/** The same of a page with views of ours; and their style. */
export function bundledViews(entry: string): Promise<Bundle> {
  return outputsOf(entry, { plugins: [svelte({ configFile: false })] });
}

interface Bundle {
  readonly script: string;
  readonly style: string;
}

async function outputsOf(
  entry: string,
  { define, plugins }: Pick<UserConfig, 'define' | 'plugins'>,
): Promise<Bundle> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    mode: 'production',
    ...(define === undefined ? {} : { define }),
    ...(plugins === undefined ? {} : { plugins }),
    build: {
      write: false,
      target: 'es2022',
      cssCodeSplit: false,
      rolldownOptions: {
        input: fileURLToPath(new URL(entry, import.meta.url)),
        output: { codeSplitting: false, format: 'es' },
      },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((part) =>
    'output' in part ? part.output : [],
  );
  const chunk = outputs.find((output) => output.type === 'chunk');
  if (chunk === undefined) throw new Error(`${entry} gave no script`);
  const styles = outputs.flatMap((output) =>
    output.type === 'asset' && output.fileName.endsWith('.css') ? [String(output.source)] : [],
  );
  return { script: chunk.code, style: styles.join('\n') };
}

export interface Served {
  readonly type: string;
  readonly body: string;
}

export interface PageServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** `pages` by path. Everything else is 404. */
export async function servePages(
  pages: Readonly<Record<string, Served>>,
  host = '127.0.0.1',
): Promise<PageServer> {
  const server = createServer((request, response) => {
    const page = pages[request.url?.split('?')[0] ?? ''];
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': page?.type ?? 'text/plain' });
    response.end(page?.body ?? 'not here');
  });
  await new Promise<void>((listening) => server.listen(0, host, listening));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host}:${port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** A page that runs `/page.js`. */
export const SCRIPTED_PAGE: Served = {
  type: 'text/html; charset=utf-8',
  body: '<!doctype html><html lang="en"><title>test</title><body><script type="module" src="/page.js"></script></body></html>',
};
