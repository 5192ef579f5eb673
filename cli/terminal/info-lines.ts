/** What `shoal info` shows people ([HL8]): figures, and the files as a tree. Pure. */
import { displayName, displayText } from '../../shared/manifest/display.ts';
import { fileTree } from '../../shared/words/file-tree.ts';
import type { FileTree, TreeNode } from '../../shared/words/file-tree.ts';
import { counted, formatBytes } from '../../shared/words/format.ts';
import type { LinkInfo, ResourceInfo } from './said.ts';

type Row = readonly [string, string];

export function infoLines(info: ResourceInfo): string {
  const { comment } = info;
  const note = displayText(comment)
    .split('\n')
    .join(`\n${' '.repeat(GAP)}`);
  return [
    rows([
      ['name', displayName(info.name)],
      ['size', `${formatBytes(info.size)} in ${counted(info.files, 'file', 'files')}`],
      ['pieces', `${counted(info.pieces, 'piece', 'pieces')} of up to ${formatBytes(info.pieceSize)}`],
      ['made', info.createdAt],
      ['tracker', displayName(info.tracker)],
      ...(comment === '' ? [] : [['comment', note] as Row]),
      ['info-hash', info.infoHash],
      ['link', info.link],
      ['magnet', info.magnet],
      ['TorrentInno', info.torrentInno ? 'can load it' : 'cannot load it: its pieces are larger than 1 MB'],
    ]),
    '',
    ...treeLines(fileTree(info.list, info.folders)),
  ].join('\n');
}

export function linkLines({ name, size, infoHash, link, magnet }: LinkInfo): string {
  return [
    rows([
      ...(name === null ? [] : [['name', `${displayName(name)} (as the magnet says)`] as Row]),
      ...(size === null ? [] : [['size', `${formatBytes(size)} (as the magnet says)`] as Row]),
      ['info-hash', infoHash],
      ['link', link],
      ...(magnet === null ? [] : [['magnet', magnet] as Row]),
    ]),
    'What is in it is known once somebody who has it is asked: `shoal get` does that.',
  ].join('\n');
}

const GAP = 13;

function rows(all: readonly Row[]): string {
  return all.map(([name, value]) => `${name.padEnd(GAP)}${value}`).join('\n');
}

/** Each entry behind lines that lead to its folder. */
function treeLines(tree: FileTree): string[] {
  const lines: string[] = [];
  /** Of each level: whether more of that folder follows. */
  const goesOn: boolean[] = [];
  for (const node of tree) {
    const isLast = node.position === node.siblings;
    goesOn[node.level] = !isLast;
    const above = goesOn.slice(2, node.level).map((more) => (more ? '│  ' : '   '));
    const branch = node.level === 1 ? '' : isLast ? '└─ ' : '├─ ';
    lines.push(`${above.join('')}${branch}${entry(node)}`);
  }
  return lines;
}

function entry({ kind, name, size, files }: TreeNode): string {
  return kind === 'file'
    ? `${name}  ${formatBytes(size)}`
    : `${name}/  ${counted(files, 'file', 'files')}, ${formatBytes(size)}`;
}
