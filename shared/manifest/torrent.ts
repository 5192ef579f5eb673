/** Files of BitTorrent, known by how they begin: nothing of them is read, but whoever opens one is told what it is. */

/** BEP 3: a dictionary, whose keys are sorted. */
const TORRENT =
  /^d\d{1,2}:(?:announce|azureus_properties|comment|created by|creation date|encoding|httpseeds|info|nodes|publisher|url-list)/;
const LONGEST_BEGINNING = 24;

export function isTorrent(text: string): boolean {
  return TORRENT.test(text);
}

/** The same of a file's bytes, which are no text as a whole. */
export function isTorrentFile(bytes: Uint8Array): boolean {
  return isTorrent(String.fromCharCode(...bytes.subarray(0, LONGEST_BEGINNING)));
}
