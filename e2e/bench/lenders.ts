/** Those who lend their connection in a measurement: headless peers, and pages in Chromium, each through a proxy of its own. */
import type { Browser } from 'playwright';
import { TestHost } from '../../cli/testing/test-host.ts';
import type { Ways } from '../../cli/web/proxies.ts';

const MOST_JOBS = 4;

export interface Lender {
  close(): Promise<void>;
}

/** All web addresses go through that port of this machine. */
export function through(port: number): Ways {
  const proxy = { protocol: 'http:' as const, host: '127.0.0.1', port, authorization: null };
  return () => ({ kind: 'proxy', proxy });
}

export async function headlessLender(serverUrl: string, proxyPort: number): Promise<Lender> {
  const { host } = await TestHost.start(serverUrl, { ways: through(proxyPort) });
  host.peer.lending.lend({ dailyBytes: null, hosts: [], mostJobs: MOST_JOBS });
  return host;
}

/** A person's page, on which they switch it on in the settings. */
export async function lendingPage(browser: Browser, serverUrl: string, proxyPort: number): Promise<Lender> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    proxy: { server: `http://127.0.0.1:${proxyPort}`, bypass: 'localhost,127.0.0.1' },
  });
  const page = await context.newPage();
  await page.goto(`${serverUrl}/#/settings`);
  await page.getByRole('checkbox', { name: 'Lend my connection' }).check();
  return context;
}
