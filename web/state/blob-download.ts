/** Hands a Blob to the browser's downloads, as a link with a `download` attribute does. Knows neither shares nor where the bytes come from. */

/** How long the browser may take to begin with the download. */
const ADDRESS_LIFE_MS = 120_000;

export function downloadBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), ADDRESS_LIFE_MS);
}
