/** What the page says of what another app handed over and it could not take ([AP3]). Pure. */

export function nothingHandedSentence(): string {
  return 'Nothing that could be shared arrived here. Share it once more from the app that has it, or choose the files on the first page.';
}

export function noRoomToHandSentence(): string {
  return 'There is no room in this browser’s storage for what was shared, so it did not arrive. Make room in the settings, or choose the files on the first page: nothing is copied then.';
}
