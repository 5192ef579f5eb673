/**
 * Copies the text of a field, by the clipboard's interface or, where that is missing or refuses, by the old command
 * ([UI13]). Where neither may, the text is left selected for the person to copy. Knows no page.
 */
export type Copied = 'copied' | 'by-hand';

export async function copyField(field: HTMLInputElement): Promise<Copied> {
  try {
    await navigator.clipboard.writeText(field.value);
    return 'copied';
  } catch {
    // Missing on plain http, refused without permission: the old command needs neither.
    return copyByCommand(field);
  }
}

function copyByCommand(field: HTMLInputElement): Copied {
  const { activeElement } = document;
  field.focus();
  field.select();
  // A browser may do without it.
  if (document.execCommand?.('copy') !== true) return 'by-hand';
  if (activeElement instanceof HTMLElement) activeElement.focus();
  return 'copied';
}
