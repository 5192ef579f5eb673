/** What a person says of TorrentInno on the command line ([HL52] [HL56] [HL58]), judged before anything is opened. */
import { isDiallable } from './addresses.ts';

/** As they were typed; left out: they were not. */
export interface TorrentInnoFlags {
  /** `--torrentinno [PORT]`: with or without a number. */
  readonly torrentinno?: string | boolean | undefined;
  readonly tiTracker?: string | undefined;
  readonly publicIp?: string | undefined;
}

export type TorrentInnoChoice =
  | { kind: 'off' }
  | { kind: 'on'; port: number; tracker: URL | null; publicIp: string | null }
  /** `sentence`: what is wrong, and what would be right. */
  | { kind: 'wrong'; sentence: string };

/** A tracker or an address means that TorrentInno is wanted. */
export function torrentInnoChoice({ torrentinno, tiTracker, publicIp }: TorrentInnoFlags): TorrentInnoChoice {
  const isAsked = torrentinno !== undefined && torrentinno !== false;
  if (!isAsked && tiTracker === undefined && publicIp === undefined) return { kind: 'off' };
  const port = portOf(torrentinno);
  if (port === null) {
    return wrong(
      `--torrentinno takes a port from 1024 to 65535, or none to take any that is free; "${String(torrentinno)}" is none.`,
    );
  }
  const tracker = tiTracker === undefined ? null : trackerUrlOf(tiTracker);
  if (tiTracker !== undefined && tracker === null) {
    return wrong(`--ti-tracker takes an address like http://host:8080; "${tiTracker}" is none.`);
  }
  if (publicIp !== undefined && !isDiallable(publicIp)) {
    return wrong(
      `--public-ip takes the IP address under which others reach this machine; "${publicIp}" is none.`,
    );
  }
  return { kind: 'on', port, tracker, publicIp: publicIp ?? null };
}

/** 0: any that is free. Below 1,024 no peer of TorrentInno's network would be dialled by us either ([HL57]). */
function portOf(typed: string | boolean | undefined): number | null {
  if (typeof typed !== 'string' || typed === '' || typed === '0') return 0;
  const port = /^\d{1,5}$/.test(typed) ? Number(typed) : 0;
  return port >= 1_024 && port <= 65_535 ? port : null;
}

function wrong(sentence: string): TorrentInnoChoice {
  return { kind: 'wrong', sentence };
}

/** `http://host:port`, with or without `/peers` behind it; null: it is none. */
export function trackerUrlOf(text: string): URL | null {
  const url = parsed(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    return null;
  url.hash = '';
  if (!/\/peers\/?$/.test(url.pathname)) url.pathname = `${url.pathname.replace(/\/+$/, '')}/peers`;
  return url;
}

function parsed(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // no address
  }
}
