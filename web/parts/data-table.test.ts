// @vitest-environment happy-dom
import { createRawSnippet } from 'svelte';
import { describe, expect, it } from 'vitest';
import { render, rowsOf, screen, within } from '../testing/shown.ts';
import DataTable from './DataTable.svelte';

interface Fish {
  readonly name: string;
  readonly size: string;
}

const cell = createRawSnippet((row: () => Fish, column: () => string) => ({
  render: () => `<span>${column() === 'Name' ? row().name : row().size}</span>`,
}));
const acts = createRawSnippet((row: () => Fish) => ({ render: () => `<button>Eat ${row().name}</button>` }));
const props = {
  ...{ labelledBy: 'fish', columns: ['Name', 'Size'], cell },
  rows: [
    { name: 'herring', size: '30 cm' },
    { name: 'tuna', size: '2 m' },
  ],
  keyOf: ({ name }: Fish) => name,
};

function shown(more: { acts?: typeof acts } = {}): HTMLElement {
  document.body.insertAdjacentHTML('beforeend', '<h2 id="fish">Fish</h2>');
  render(DataTable, { ...props, ...more });
  return screen.getByRole('table', { name: 'Fish' });
}

describe('a table', () => {
  it('[UI9] says every role by itself, whatever its style makes of it', () => {
    const table = shown({ acts });
    for (const element of [table, ...table.querySelectorAll('thead, tbody, tr, th, td')]) {
      expect(element.getAttribute('role'), element.tagName).toBeTruthy();
    }
    const roles = (role: string) => within(table).getAllByRole(role).length;
    expect([roles('columnheader'), roles('rowheader'), roles('row')]).toEqual([2, 2, 3]);
    expect(rowsOf('Fish')).toEqual(['herring 30 cm Eat herring', 'tuna 2 m Eat tuna']);
  });

  it('[UI9] each figure can say what it is where there are no columns', () => {
    const table = shown();
    const named = [...table.querySelectorAll('td')].map((figure) => figure.dataset['column']);
    expect(named).toEqual(['Size', 'Size']);
  });
});
