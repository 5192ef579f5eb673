/**
 * Finds the browsers that the tests drive, or installs them, and says in one sentence what it did. Chromium is
 * needed; Firefox is tested where there is one. A browser counts as found when it starts.
 */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';
import { run, runTool } from './processes.ts';

export type Chromium =
  { kind: 'found'; path: string; sandbox: boolean; sentence: string } | { kind: 'absent'; sentence: string };
export type Firefox =
  { kind: 'found'; path: string; sentence: string } | { kind: 'absent'; sentence: string };

const START_LIMIT_MS = 60_000;
const INSTALL_LIMIT_MS = 600_000;

/** Two pages that Chromium loads behind the address bar of each window, for more work than a page of ours takes. */
const ADDRESS_BAR_PAGES = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];

/** Chromium hears the last `--disable-features` alone: what Playwright switches off must stand in ours as well. */
const PLAYWRIGHT_SWITCHES_OFF = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'DialMediaRouteProvider',
  'GlobalMediaControls',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'BlockOriginHeaderModificationOnRedirect',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'Translate',
  'AutoDeElevate',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'msForceBrowserSignIn',
  'msEdgeUpdateLaunchServicesPreferredVersion',
];

/** What Playwright does not switch off by itself: no talk with anybody but the pages under test, and no other pages. */
export const QUIET_CHROMIUM_ARGS: readonly string[] = [
  '--disable-quic',
  '--disable-gpu',
  '--no-default-browser-check',
  `--disable-features=${[...PLAYWRIGHT_SWITCHES_OFF, ...ADDRESS_BAR_PAGES].join(',')}`,
];

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const CHROMIUM_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(homedir(), 'Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
  ...windowsPlaces('Google\\Chrome\\Application\\chrome.exe'),
];
const FIREFOX_NAMES = ['firefox-esr', 'firefox'];
const FIREFOX_PLACES = [
  '/Applications/Firefox.app/Contents/MacOS/firefox',
  ...windowsPlaces('Mozilla Firefox\\firefox.exe'),
];

export async function findChromium(): Promise<Chromium> {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') {
    const sentence = `Chromium: CHROMIUM_PATH names ${named}.`;
    return (
      (await startable(named, sentence)) ?? {
        kind: 'absent',
        sentence: `CHROMIUM_PATH names ${named}, which does not start; correct it, or unset it to have a browser found.`,
      }
    );
  }
  const ours = chromium.executablePath();
  const there =
    (await startable(ours, `Chromium: Playwright’s own at ${ours}.`)) ??
    (await firstStartable(installed(CHROMIUM_NAMES, CHROMIUM_PLACES)));
  return there ?? (await installChromium());
}

export async function findFirefox(): Promise<Firefox> {
  const named = process.env['FIREFOX_PATH'];
  if (named !== undefined && named !== '') {
    if (await tellsVersion(named)) {
      return { kind: 'found', path: named, sentence: `Firefox: FIREFOX_PATH names ${named}.` };
    }
    const sentence = `Firefox is not tested: FIREFOX_PATH names ${named}, which does not start.`;
    return { kind: 'absent', sentence };
  }
  const there = await firstFirefox('Firefox: the system’s');
  if (there !== null) return there;
  const mayInstall = isRoot() && onPath('apt-get') !== null;
  if (mayInstall && (await aptInstall([], 'firefox-esr'))) {
    const fresh = await firstFirefox('Firefox: none was here, so firefox-esr was installed by apt-get,');
    if (fresh !== null) return fresh;
  }
  return {
    kind: 'absent',
    sentence: 'Firefox is not tested: there is none here (install it, or name it with FIREFOX_PATH).',
  };
}

async function firstFirefox(words: string): Promise<Firefox | null> {
  for (const path of installed(FIREFOX_NAMES, FIREFOX_PLACES)) {
    if (await tellsVersion(path)) return { kind: 'found', path, sentence: `${words} at ${path}.` };
  }
  return null;
}

async function installChromium(): Promise<Chromium> {
  console.log('No Chromium or Chrome is here: installing one.');
  const ours = chromium.executablePath();
  const sentence = `Chromium: none was here, so Playwright installed its own at ${ours}.`;
  const fetched = await runTool('playwright', ['install', 'chromium'], { limit: INSTALL_LIMIT_MS });
  const elevation = await elevate();
  if (fetched.code === 0) {
    const alone = await startable(ours, sentence);
    if (alone !== null) return alone;
    // It is here but lacks libraries of the system.
    if (elevation !== null)
      await runTool('playwright', ['install-deps', 'chromium'], { limit: INSTALL_LIMIT_MS });
    const completed = await startable(ours, sentence);
    if (completed !== null) return completed;
  }
  if (elevation !== null && onPath('apt-get') !== null && (await aptInstall(elevation, 'chromium'))) {
    const words = 'Chromium: none was here, so chromium was installed by apt-get,';
    const fresh = await firstStartable(installed(CHROMIUM_NAMES, []), words);
    if (fresh !== null) return fresh;
  }
  return {
    kind: 'absent',
    sentence:
      'The browser tests need Chromium, and none could be found or installed: install Chromium or Chrome, or name one with CHROMIUM_PATH.',
  };
}

/** The words before a command that make it run as root; null where that needs a password. */
async function elevate(): Promise<readonly string[] | null> {
  if (isRoot()) return [];
  if (onPath('sudo') === null) return null;
  const asked = await run('sudo', ['-n', 'true'], { output: 'collect', limit: START_LIMIT_MS });
  return asked.code === 0 ? ['sudo', '-n'] : null;
}

async function aptInstall(elevation: readonly string[], name: string): Promise<boolean> {
  const quiet = {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    output: 'collect',
    limit: INSTALL_LIMIT_MS,
  } as const;
  const apt = async (...args: string[]): Promise<boolean> => {
    const [program = 'apt-get', ...rest] = [...elevation, 'apt-get', ...args];
    return (await run(program, rest, quiet)).code === 0;
  };
  await apt('update'); // a list that cannot be renewed may still be good enough
  return apt('install', '-y', '--no-install-recommends', name);
}

async function firstStartable(
  paths: readonly string[],
  words = 'Chromium: the system’s',
): Promise<Chromium | null> {
  for (const path of paths) {
    const found = await startable(path, `${words} at ${path}.`);
    if (found !== null) return found;
  }
  return null;
}

/** Starts it without a window, with its sandbox where that works (never as root, not in many containers). */
async function startable(path: string, sentence: string): Promise<Chromium | null> {
  if (!isExecutable(path)) return null;
  for (const sandbox of isRoot() ? [false] : [true, false]) {
    if (await showsPage(path, sandbox)) return { kind: 'found', path, sandbox, sentence };
  }
  return null;
}

async function showsPage(path: string, sandbox: boolean): Promise<boolean> {
  const profile = mkdtempSync(join(tmpdir(), 'shoal-browser-'));
  const args = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--user-data-dir=${profile}`,
    ...(sandbox ? [] : ['--no-sandbox']),
    '--dump-dom',
    'data:text/html,it%20starts',
  ];
  const { output } = await run(path, args, { output: 'collect', limit: START_LIMIT_MS });
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  return output.includes('it starts');
}

async function tellsVersion(path: string): Promise<boolean> {
  if (!isExecutable(path)) return false;
  if (process.platform === 'win32') return true; // prints nothing there
  const { code, output } = await run(path, ['--version'], { output: 'collect', limit: START_LIMIT_MS });
  return code === 0 && output.includes('Firefox');
}

function installed(names: readonly string[], places: readonly string[]): string[] {
  return [...names.flatMap((name) => onPath(name) ?? []), ...places.filter(isExecutable)];
}

function onPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // the question was whether it is there
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function windowsPlaces(path: string): string[] {
  const roots = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((name) => process.env[name]);
  return roots.flatMap((root) => (root === undefined ? [] : [`${root}\\${path}`]));
}
