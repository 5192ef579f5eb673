/** What the database of a person's browser holds, looked at beside the page. */
import type { Person } from './person.ts';

/** How many pieces this browser has stored, of all shares. */
export function storedPieces({ page }: Person): Promise<number> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('shoal');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const count = await new Promise<number>((resolve, reject) => {
      const counting = database.transaction('places').objectStore('places').count();
      counting.onsuccess = () => resolve(counting.result);
      counting.onerror = () => reject(counting.error);
    });
    database.close();
    return count;
  });
}
