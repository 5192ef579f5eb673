/**
 * How the tests and the measurements start browsers: the ones that `npm run e2e` found and named in the
 * environment. Without names Playwright's own Chromium is used and Firefox is left out. Firefox is the unpatched
 * one, driven over WebDriver BiDi.
 */
import type { LaunchOptions } from 'playwright';
import { QUIET_CHROMIUM_ARGS } from '../scripts/browsers.ts';

export const FIREFOX_CHANNEL = 'moz-firefox';

const firefoxPath = process.env['FIREFOX_PATH'] ?? '';

/** An empty path: Playwright's own. */
export function chromiumOptions(path: string, sandbox: boolean): LaunchOptions {
  return {
    args: [...QUIET_CHROMIUM_ARGS],
    chromiumSandbox: sandbox,
    ...(path === '' ? {} : { executablePath: path }),
  };
}

export const chromiumLaunch = chromiumOptions(
  process.env['CHROMIUM_PATH'] ?? '',
  process.env['CHROMIUM_SANDBOX'] === 'on',
);

/** Null where there is no Firefox. */
export const firefoxLaunch: LaunchOptions | null =
  firefoxPath === '' ? null : { executablePath: firefoxPath };
