// Keyboard shortcuts, by the key's place (event.code): a Korean input method changes what event.key says.
import { choose } from './composer.js';
import { openPalette } from './palette.js';
import { app } from './words.js';

const REGIONS = ['#views', '#list', '#log', '#composer', '#side'];
let isGoing = false;

const press = (name) => document.querySelector(`[data-action="${name}"]`)?.click();
const go = (view) => (location.href = `/workspace/inbox/${view}/`);

function step(by) {
  const rows = [...document.querySelectorAll('[data-row]')];
  const at = rows.findIndex((row) => row.getAttribute('aria-current'));
  rows[Math.max(0, Math.min(rows.length - 1, at + by))]?.click();
}

function nextRegion(by) {
  const regions = REGIONS.map((each) => document.querySelector(each)).filter(Boolean);
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + by + regions.length) % regions.length];
  (next.querySelector('a, textarea, select, input, button') || next).focus();
}

export const doings = {
  palette: () => openPalette(),
  help: () => document.getElementById('help').showModal(),
  side: () => document.body.classList.toggle('show-side'),
  views: () => document.body.classList.toggle('show-views'),
  note: () => choose('internal'),
  reply: () => choose('public'),
  take: () => press('take'),
  release: () => press('release'),
  solve: () => press('solve'),
  reopen: () => press('reopen'),
  end: () => press('end'),
};

const SINGLE = {
  KeyJ: () => step(1), KeyK: () => step(-1), KeyR: doings.reply, KeyI: doings.note, KeyA: doings.take,
  KeyE: (event) => (event.shiftKey ? doings.reopen() : doings.solve()),
  BracketLeft: doings.views, BracketRight: doings.side,
  Slash: (event) => (event.shiftKey ? doings.help() : document.getElementById('search').focus()),
  KeyG: () => { isGoing = true; setTimeout(() => (isGoing = false), 1500); },
};
const GOING = { KeyI: () => go('mine'), KeyU: () => go('unassigned'), KeyA: () => go('open') };

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if ((event.metaKey || event.ctrlKey) && event.code === 'KeyK') {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.code === 'F6') {
    event.preventDefault();
    nextRegion(event.shiftKey ? -1 : 1);
    return;
  }
  const isWriting = event.target.closest?.('input, textarea, select, [contenteditable], dialog');
  if (isWriting && event.key === 'Escape' && !event.target.closest('dialog')) event.target.blur();
  if (isWriting || event.metaKey || event.ctrlKey || event.altKey || app.dataset.shortcuts !== 'yes') return;
  const chosen = isGoing ? GOING[event.code] : SINGLE[event.code];
  if (!chosen) return;
  event.preventDefault();
  isGoing = false;
  chosen(event);
});
