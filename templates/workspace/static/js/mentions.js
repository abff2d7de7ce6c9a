// "@" in a note offers colleagues: arrows choose, Enter or Tab takes, Esc closes.
import { audience } from './composer.js';
import { on } from './words.js';

const SHOWN = 6;
const reply = () => document.getElementById('reply');
const box = () => document.getElementById('mentions');
const rows = () => [...box().children];
const chosen = () => rows().findIndex((row) => row.getAttribute('aria-selected') === 'true');

function mark(index) {
  rows().forEach((row, at) => row.setAttribute('aria-selected', String(at === index)));
  reply().setAttribute('aria-activedescendant', rows()[index]?.id || '');
}

function close() {
  box().hidden = true;
  reply().removeAttribute('aria-activedescendant');
}

/** What is typed after the last "@", or null. */
function wanted() {
  const before = reply().value.slice(0, reply().selectionStart);
  return audience() === 'internal' ? before.match(/(?:^|\s)@([^@\n]{0,40})$/)?.[1] ?? null : null;
}

function take(name) {
  const end = reply().selectionStart;
  reply().setRangeText(`@${name} `, end - wanted().length - 1, end, 'end');
  close();
  reply().focus();
  reply().dispatchEvent(new Event('input', { bubbles: true }));
}

function suggest() {
  const typed = wanted();
  const names = typed === null ? [] : [...document.getElementById('colleagues').options].map((each) => each.value)
    .filter((name) => name.toLowerCase().split(/\s+/).concat(name.toLowerCase()).some((part) => part.startsWith(typed.toLowerCase()))).slice(0, SHOWN);
  box().replaceChildren(...names.map((name, at) => {
    const row = document.createElement('button');
    row.type = 'button';
    row.id = `mention-${at}`;
    row.className = 'm-mi';
    row.tabIndex = -1;
    row.setAttribute('role', 'option');
    row.textContent = name;
    row.addEventListener('mousedown', (event) => { event.preventDefault(); take(name); });
    return row;
  }));
  if (!names.length) return close();
  box().hidden = false;
  return mark(0);
}

on('input', (event) => event.target.id === 'reply' && suggest());
on('focusout', (event) => event.target.id === 'reply' && close());
// Before the composer hears the key: an Enter that takes a name sends nothing.
document.addEventListener('keydown', (event) => {
  if (event.target.id !== 'reply' || event.isComposing || event.keyCode === 229 || box().hidden) return;
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') mark((chosen() + (event.key === 'ArrowDown' ? 1 : -1) + rows().length) % rows().length);
  else if ((event.key === 'Enter' && !event.metaKey && !event.ctrlKey) || event.key === 'Tab') take(rows()[chosen()].textContent);
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
