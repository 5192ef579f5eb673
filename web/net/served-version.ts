/**
 * Asks the server which version of the page it has ([AP6]): a file beside the page names its script, which the build
 * names after all that is in it. Every failure is the answer that nobody knows.
 */

/** Not in the service worker's cache, which has the version that it was installed with. */
const ADDRESS = 'version.txt';
const SCRIPT = /^assets\/[\w.-]+\.js$/;
const PATIENCE_MS = 8_000;

/** `script`: the address of the page's own. Null: the server does not say, or what it says is something else. */
export async function isServed(script: string): Promise<boolean | null> {
  try {
    const response = await fetch(ADDRESS, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE_MS) });
    const named = response.ok ? (await response.text()).trim() : '';
    return SCRIPT.test(named) ? script.endsWith(`/${named}`) : null;
  } catch {
    return null; // it is away
  }
}
