// Many to choose from: a long list of boxes is narrowed by words; what is ticked stays seen.

const FEW = 8;

export function startPicks() {
  for (const list of document.querySelectorAll('div.picks')) {
    const rows = [...list.children];
    if (rows.length <= FEW) continue;
    const finder = Object.assign(document.createElement('input'), { type: 'search', className: 'm-input picks-find', autocomplete: 'off' });
    const words = list.querySelector('input').dataset.find;
    finder.placeholder = words;
    finder.setAttribute('aria-label', words);
    list.before(finder);
    finder.addEventListener('input', () => {
      const asked = finder.value.trim().toLocaleLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(asked) && !row.querySelector(':checked');
    });
    finder.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
  }
}
