/**
 * What the start page tells those who make a preview of its link ([SV17]): its picture and its own address, which must
 * be whole and which only the operator knows. Everything else stands in the page as it is built. Knows no shares: what
 * stands after `#` in a link comes to no server.
 */

/** In the page's folder; 1200 × 630. */
const PICTURE = 'preview.png';

/** `publicUrl` ends with a slash. */
export function withPreview(page: string, publicUrl: string): string {
  const facts: readonly (readonly [name: string, content: string])[] = [
    ['og:url', publicUrl],
    ['og:image', publicUrl + PICTURE],
    ['og:image:width', '1200'],
    ['og:image:height', '630'],
  ];
  const tags = facts.map(
    ([name, content]) => `  <meta property="${name}" content="${escaped(content)}" />\n  `,
  );
  const end = page.indexOf('</head>');
  return end < 0 ? page : page.slice(0, end) + tags.join('') + page.slice(end);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
