// A list over the composer that follows what is typed: arrows choose, Enter or Tab takes, Esc closes.
import { on } from './words.js';

const reply = () => document.getElementById('reply');

/** Offer rows in the listbox of this id: `offers` gives the rows for what is typed, `take` gets the chosen one. */
export function suggest({ name, offers, take }) {
  const box = () => document.getElementById(name);
  const rows = () => [...box().children];
  const chosen = () => rows().findIndex((row) => row.getAttribute('aria-selected') === 'true');

  function mark(index) {
    rows().forEach((row, at) => row.setAttribute('aria-selected', String(at === index)));
    rows()[index]?.scrollIntoView({ block: 'nearest' });
    reply().setAttribute('aria-activedescendant', rows()[index]?.id || '');
  }

  function close() {
    if (!box() || box().hidden) return;
    box().hidden = true;
    reply().removeAttribute('aria-activedescendant');
  }

  function choose(row) {
    close();
    take(row);
  }

  function show() {
    const made = offers();
    made.forEach((row, at) => { row.id = `${name}-${at}`; });
    box().replaceChildren(...made);
    if (!made.length) return close();
    box().hidden = false;
    reply().setAttribute('aria-controls', name);
    return mark(0);
  }

  on('input', (event) => event.target.id === 'reply' && show());
  on('focusout', (event) => event.target.id === 'reply' && close());
  on('mousedown', (event) => {
    const row = event.target.closest?.(`#${name} > *`);
    if (!row) return;
    event.preventDefault();
    choose(row);
  });
  // Before the composer hears the key: an Enter that takes a row sends nothing.
  document.addEventListener('keydown', (event) => {
    if (event.target.id !== 'reply' || event.isComposing || event.keyCode === 229 || box().hidden) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') mark((chosen() + (event.key === 'ArrowDown' ? 1 : -1) + rows().length) % rows().length);
    else if ((event.key === 'Enter' && !event.metaKey && !event.ctrlKey) || event.key === 'Tab') choose(rows()[chosen()]);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  return { show };
}
