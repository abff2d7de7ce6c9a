// Lists on a phone: each row is a card, whose lines are named as the columns are.

export function startLists() {
  const table = document.getElementById('result_list');
  // The log has a shape of its own there.
  if (!table || document.body.matches('.model-event')) return;
  const names = [...table.querySelectorAll('thead th')].map((head) => head.querySelector('.text')?.textContent.trim() || '');
  for (const row of table.querySelectorAll('tbody tr')) {
    [...row.children].forEach((cell, at) => {
      if (!cell.matches('.action-checkbox') && names[at]) cell.dataset.label = names[at];
    });
  }
  table.classList.add('named');
}
