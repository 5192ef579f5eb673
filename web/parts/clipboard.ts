/** Copies the text of a field, by the clipboard's interface or, where that is missing, by the old command. */
export type Copied = 'copied' | 'by-hand';

export async function copyField(field: HTMLInputElement): Promise<Copied> {
  try {
    await navigator.clipboard.writeText(field.value);
    return 'copied';
  } catch {
    // Missing on plain http, refused without permission: the old command needs neither.
    field.focus();
    field.select();
    return document.execCommand('copy') ? 'copied' : 'by-hand';
  }
}
