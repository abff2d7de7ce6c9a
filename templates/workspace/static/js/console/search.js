// Finding a page of the console by its name or by what it says of itself. The links are those of the menu.

export function startSearch() {
  const input = document.getElementById('console-search');
  const list = document.getElementById('console-found');
  if (!input) return;
  const pages = [...document.querySelectorAll('.m-adm-n [data-page]')];
  let at = 0;

  function mark() {
    [...list.children].forEach((row, index) => row.setAttribute('aria-selected', String(index === at)));
    const row = list.children[at];
    if (row) input.setAttribute('aria-activedescendant', row.id);
    else input.removeAttribute('aria-activedescendant');
  }
  function show() {
    const typed = input.value.trim().toLowerCase();
    const isFound = (page) => typed.split(/\s+/).every((word) => `${page.textContent} ${page.dataset.page}`.toLowerCase().includes(word));
    const named = (page) => page.textContent.toLowerCase().includes(typed);
    const found = typed ? pages.filter(isFound).sort((one, other) => named(other) - named(one)) : [];
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
    if (typed && !found.length) {
      const none = document.createElement('div');
      none.className = 'm-mi c3';
      none.setAttribute('role', 'option');
      none.setAttribute('aria-disabled', 'true');
      none.textContent = list.dataset.none;
      list.append(none);
    }
    at = 0;
    list.hidden = !typed;
    input.setAttribute('aria-expanded', String(!list.hidden));
    mark();
  }
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || list.hidden) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      at = (at + (event.key === 'ArrowDown' ? 1 : -1) + list.children.length) % list.children.length;
      mark();
    }
    if (event.key === 'Enter' && list.children[at]?.dataset.href) location.assign(list.children[at].dataset.href);
    if (event.key === 'Escape') {
      input.value = '';
      show();
    }
  });
  input.addEventListener('blur', () => setTimeout(() => (list.hidden = true), 150));
  list.addEventListener('click', (event) => {
    const row = event.target.closest('[role=option]');
    if (row?.dataset.href) location.assign(row.dataset.href);
  });
  document.addEventListener('keydown', (event) => {
    if (event.code === 'KeyK' && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
}
