/** Sentences about where what comes is kept, when that is memory alone ([UI6], [SA11]), and of a page that did not come. Pure. */

/** What is stored here belongs to another version of the page. */
export function otherVersionSentence(why: 'newer' | 'older'): string {
  const memory = 'Downloads are kept in memory until then and are gone when the page is closed.';
  return why === 'older'
    ? `An older version of this page is still open in this browser and keeps what is stored to itself. Close its other tabs, then reload this page. ${memory}`
    : `A newer version of this page was here, and this one cannot read what that has stored. Reload the page to get the newer one. ${memory}`;
}

/** And the older one is not open any more. */
export function olderClosedSentence(): string {
  return 'The older version of this page is closed now. Reload this page to go on with what is stored here. What came meanwhile is in memory only: save it first, or it is loaded again.';
}

export function noStorageSentence(): string {
  return 'This browser stores nothing for this page, as some private windows do. Downloads are kept in memory only and are gone when the page is closed.';
}

/** A page whose code is loaded only when it is opened. */
export function notLoadedSentence(): string {
  return 'This page could not be loaded. Check your connection, then reload it.';
}
