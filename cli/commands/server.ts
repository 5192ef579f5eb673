/** Which server a command asks, and the links that lead to it ([HL1]). Pure. */
import type { InfoHash } from '../../shared/ids.ts';
import { linkFragment } from '../../shared/manifest/link.ts';
import type { Here } from './command.ts';
import type { Call, Options } from './options.ts';
import { serverUrlOf } from './quantities.ts';

export const DEFAULT_SERVER = 'http://localhost:8000/';

export const SERVER_OPTION: Options = {
  server: {
    kind: 'text',
    value: 'URL',
    about: `address of the Shoal page (otherwise SHOAL_SERVER, else ${DEFAULT_SERVER.slice(0, -1)})`,
  },
};

/** What was said, else what the environment says, else where the link leads, else this machine. */
export function serverFor(call: Call, { env }: Pick<Here, 'env'>, link: string | null = null): string {
  const said = call.text('server');
  if (said !== null) return serverUrlOf(said, '--server');
  const set = env['SHOAL_SERVER'];
  if (set !== undefined && set !== '') return serverUrlOf(set, 'SHOAL_SERVER');
  return serverOfLink(link) ?? DEFAULT_SERVER;
}

/** The page that a link leads to; null: it does not say. */
export function serverOfLink(link: string | null): string | null {
  const [address = ''] = /https?:\/\/[^\s<>"'()]+#/i.exec(link ?? '') ?? [];
  if (address === '' || !URL.canParse(address)) return null;
  const { origin, pathname } = new URL(address);
  return origin + (pathname.endsWith('/') ? pathname : `${pathname}/`);
}

/** [LK1] */
export function linkAt(serverUrl: string, infoHash: InfoHash): string {
  return `${serverUrl}#${linkFragment(infoHash)}`;
}

/** As they stand in a resource. */
export function trackerAt(serverUrl: string): { trackerHost: string; trackerPort: string } {
  const { hostname, port } = new URL(serverUrl);
  return { trackerHost: hostname, trackerPort: port };
}
