/**
 * Takes hold of what a person's page sends over its data channels: counts it, holds it back from a number of bytes
 * on (so that a transfer stands still in the middle for as long as a test needs), or spoils it. Runs in the page.
 */
import type { Page } from 'playwright/test';
import type { Person } from './person.ts';
import { assertNotOpened } from './not-opened.ts';

export interface UplinkOptions {
  /** Bytes after which nothing more leaves until `letGo`. */
  readonly holdAfter?: number;
  /** Turns the last byte of every longer message around: pieces and manifests. */
  readonly spoils?: boolean;
}

interface UplinkInPage {
  sentBytes: number;
  spoiled: number;
  letGo(): void;
}

declare const shoalUplink: UplinkInPage;

export interface Uplink {
  /** Of all channels since the page was loaded, what is held included. */
  sentBytes(): Promise<number>;
  /** Messages that were spoiled. */
  spoiled(): Promise<number>;
  letGo(): Promise<void>;
}

/** Before the person's page is opened. A reload begins anew. */
export async function takeUplink({ page }: Person, options: UplinkOptions = {}): Promise<Uplink> {
  assertNotOpened(page);
  await page.addInitScript(uplinkInPage, options);
  return uplinkOf(page);
}

function uplinkOf(page: Page): Uplink {
  return {
    sentBytes: () => page.evaluate(() => shoalUplink.sentBytes),
    spoiled: () => page.evaluate(() => shoalUplink.spoiled),
    letGo: () => page.evaluate(() => shoalUplink.letGo()),
  };
}

/** Stands alone: its text is carried into the page. */
function uplinkInPage({ holdAfter = Infinity, spoils = false }: UplinkOptions): void {
  const spoiledFrom = 200;
  const { prototype } = RTCDataChannel;
  const send = Reflect.get(prototype, 'send') as (data: ArrayBuffer) => void;
  const bufferedAmount = Object.getOwnPropertyDescriptor(prototype, 'bufferedAmount')?.get;
  const held: { channel: RTCDataChannel; data: ArrayBuffer }[] = [];
  let limit = holdAfter;
  const uplink: UplinkInPage = {
    sentBytes: 0,
    spoiled: 0,
    letGo() {
      limit = Infinity;
      const channels = new Set(held.map(({ channel }) => channel));
      for (const { channel, data } of held.splice(0)) {
        if (channel.readyState === 'open') send.call(channel, data);
      }
      for (const channel of channels) channel.dispatchEvent(new Event('bufferedamountlow'));
    },
  };
  Object.defineProperty(prototype, 'bufferedAmount', {
    get(this: RTCDataChannel): number {
      const own = held.filter(({ channel }) => channel === this);
      const sum = own.reduce((total, { data }) => total + data.byteLength, 0);
      return sum + Number(bufferedAmount?.call(this));
    },
  });
  Object.defineProperty(prototype, 'send', {
    value(this: RTCDataChannel, data: ArrayBuffer): void {
      uplink.sentBytes += data.byteLength;
      const bytes = new Uint8Array(data);
      if (spoils && bytes.length > spoiledFrom) {
        bytes[bytes.length - 1] = 255 - (bytes.at(-1) ?? 0);
        uplink.spoiled++;
      }
      // A channel has its own copy of what it was given.
      if (uplink.sentBytes > limit) held.push({ channel: this, data: data.slice(0) });
      else send.call(this, data);
    },
  });
  Object.assign(globalThis, { shoalUplink: uplink });
}
