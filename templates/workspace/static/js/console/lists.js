// A list's cells know the name of their column: on a phone, where each row is a card, it stands beside them.

const NOTHING = new Set(['', '-', '–']);

export function startLists() {
  const table = document.querySelector('body:not(.model-event) #result_list');
  if (!table) return;
  const names = [...table.querySelectorAll('thead th')].map((each) => each.textContent.trim());
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, at) => {
      cell.dataset.label = names[at] ?? '';
      if (NOTHING.has(cell.textContent.trim()) && !cell.querySelector('input, svg')) cell.dataset.empty = '';
    });
  }
  table.classList.add('labelled');
}
