// Finding a page of the console by its name or by what it says of itself. The links are those of the menu.

export function startSearch() {
  const input = document.getElementById('console-search');
  const list = document.getElementById('console-found');
  if (!input) return;
  const pages = [...document.querySelectorAll('.m-adm-n [data-page]')];
  let at = 0;

  function mark() {
    [...list.querySelectorAll('[role=option]')].forEach((row, index) => row.setAttribute('aria-selected', String(index === at)));
    const row = list.querySelectorAll('[role=option]')[at];
    if (row) input.setAttribute('aria-activedescendant', row.id);
    else input.removeAttribute('aria-activedescendant');
  }
  function show() {
    const typed = input.value.trim().toLowerCase();
    const found = typed ? pages.filter((page) => `${page.textContent} ${page.dataset.page}`.toLowerCase().includes(typed)) : [];
    list.replaceChildren(
      ...found.map((page, index) => {
        const row = document.createElement('div');
        row.id = `console-found-${index}`;
        row.className = 'm-mi';
        row.setAttribute('role', 'option');
        row.textContent = page.textContent.trim();
        row.dataset.href = page.href;
        return row;
      }),
    );
    at = 0;
    if (typed && !found.length) list.append(Object.assign(document.createElement('div'), { className: 'sec', textContent: list.dataset.none }));
    list.hidden = !typed;
    input.setAttribute('aria-expanded', String(!list.hidden));
    mark();
  }
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || list.hidden || (!list.querySelector('[role=option]') && event.key !== 'Escape')) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      at = (at + (event.key === 'ArrowDown' ? 1 : -1) + list.children.length) % list.children.length;
      mark();
    }
    if (event.key === 'Enter' && list.children[at]) location.assign(list.children[at].dataset.href);
    if (event.key === 'Escape') {
      input.value = '';
      show();
    }
  });
  input.addEventListener('blur', () => setTimeout(() => (list.hidden = true), 150));
  list.addEventListener('click', (event) => {
    const row = event.target.closest('[role=option]');
    if (row) location.assign(row.dataset.href);
  });
  document.addEventListener('keydown', (event) => {
    if (event.code === 'KeyK' && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
}
