// The command palette: commands and the rows on screen at once, people and messages from the server under them.
import { asLatin, begins, matches } from './hangul.js';
import { rows as listed } from './list.js';
import { app, fire, fragment, on } from './words.js';

const ASK_AFTER_MS = 150;
const NEAR = 5;
const box = document.getElementById('palette');
const input = document.getElementById('palette-input');
const found = document.getElementById('palette-found');
const near = document.createElement('div');
let timer = 0;
let opener = null;

found.before(near);
const rows = () => [...box.querySelectorAll('[role=option]')].filter((row) => !row.hidden && !row.closest('[hidden]'));

function mark(index) {
  for (const row of box.querySelectorAll('[aria-selected=true]')) row.setAttribute('aria-selected', 'false');
  rows().forEach((row, at) => {
    row.id ||= `option-${Math.random().toString(36).slice(2)}`;
    row.setAttribute('aria-selected', String(at === index));
  });
  rows()[index]?.scrollIntoView({ block: 'nearest' });
  input.setAttribute('aria-activedescendant', rows()[index]?.id || '');
}

function markLikeliest(text) {
  mark(Math.max(0, text ? rows().findIndex((row) => begins(row.querySelector('span, b').textContent.trim(), text)) : 0));
}

function showNear(text) {
  const names = text ? listed().filter((row) => matches(row.querySelector('.nm').textContent, text)).slice(0, NEAR) : [];
  near.replaceChildren(...names.map((row) => {
    const link = document.createElement('a');
    link.className = 'm-mi';
    link.setAttribute('role', 'option');
    link.dataset.opens = '';
    link.href = row.href;
    const [name, words] = [document.createElement('b'), document.createElement('span')];
    name.textContent = row.querySelector('.nm').textContent;
    words.className = 'trunc c3';
    words.textContent = row.querySelector('.pv').textContent;
    link.append(name, words);
    return link;
  }));
}

/** What the apps find: tickets, then people and messages, each from its owner. */
async function search(text) {
  const query = `?q=${encodeURIComponent(text)}`;
  const parts = await Promise.all([app.dataset.searchTickets, app.dataset.search].map((url) => fragment(url + query).catch(() => null)));
  if (parts.every((part) => part === null)) return null;
  const all = document.createDocumentFragment();
  all.append(...parts.filter(Boolean));
  return all;
}

async function ask(text) {
  if (!text) return found.replaceChildren();
  let fresh = await search(text);
  // Nothing by these letters: perhaps the Korean layout was on.
  const meant = asLatin(text);
  if (fresh && !fresh.querySelector('[role=option]') && meant !== text) {
    const other = await search(meant);
    if (other?.querySelector('[role=option]')) fresh = other;
  }
  if (!fresh || input.value.trim() !== text) return markLikeliest(text);
  found.replaceChildren(fresh);
  // What the page itself has for these words is found, too.
  if (rows().length) found.querySelector('.m-empty')?.remove();
  return markLikeliest(text);
}

function typed() {
  const text = input.value.trim();
  for (const row of box.querySelectorAll('[data-command]')) {
    const isPossible = !row.dataset.needs || document.querySelector(row.dataset.needs);
    row.hidden = !isPossible || (text ? !matches(row.querySelector('span').textContent.trim(), text) : row.dataset.typed !== undefined);
  }
  for (const group of box.querySelectorAll('#palette-rows > [role=group]')) group.hidden = ![...group.querySelectorAll('[role=option]')].some((row) => !row.hidden);
  showNear(text);
  markLikeliest(text);
  clearTimeout(timer);
  timer = setTimeout(() => ask(text), ASK_AFTER_MS);
}

export function openPalette(text = '') {
  if (!box.open) {
    opener = document.activeElement;
    box.showModal();
  }
  input.value = text;
  input.focus();
  typed();
  fire('palette-opened');
}

input.addEventListener('input', typed);
on('palette-grew', () => box.open && typed());
box.addEventListener('close', () => opener?.isConnected && opener.focus());
box.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const at = rows().findIndex((row) => row.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    mark((at + (event.key === 'ArrowDown' ? 1 : -1) + rows().length) % rows().length);
  }
  if (event.key === 'Enter') {
    event.preventDefault();
    rows()[Math.max(0, at)]?.click();
  }
});
box.addEventListener('click', (event) => (event.target === box || event.target.closest('[data-press]')) && box.close());
