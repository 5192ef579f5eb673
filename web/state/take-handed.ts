/** What the service worker keeps for the page at this address ([AP3]); it is the page's from then on. */
import { basePathOf, nameOnOrigin } from '../worker/base-path.ts';
import { HANDED_DATABASE, takeHanded } from '../worker/handed/handed-store.ts';
import { meaningOf } from './handed.ts';
import type { Meaning } from './handed.ts';

export async function takeMeanings(): Promise<readonly Meaning[]> {
  const database = nameOnOrigin(basePathOf(location), HANDED_DATABASE);
  return (await takeHanded(database, Date.now())).map(meaningOf);
}
