// Keyboard shortcuts, by the key's place (event.code): a Korean input method changes what event.key says.
// The help sheet (_help.html) lists what stands here.
import { pickRow, toBar } from './bulk.js';
import { choose } from './composer.js';
import { rows } from './list.js';
import { pick, showOwn } from './macros.js';
import { answerOffer, takeNext } from './offers.js';
import { openPalette } from './palette.js';
import { openNamed } from './sheet.js';
import { openStatus } from './status.js';
import { isSwitching, openUrl } from './switch.js';
import { undoLast } from './told.js';
import { app, current } from './words.js';

const REGIONS = ['#views', '#list', '#thread-head', '#log', '#composer', '#side'];
const GO_WITHIN_MS = 1500;
let isGoing = false;

/** Press a button of the head; one that just came may not hear yet, so it is tried again for a second. */
function press(name, tries = 10, conversation = current()) {
  const button = document.querySelector(`#thread-head [data-action="${name}"]`);
  if (button?.['htmx-internal-data']) button.click();
  else if (tries && conversation === current()) setTimeout(press, 100, name, tries - 1, conversation);
}
const go = (view) => openUrl(`/workspace/inbox/${view}/`);
const focus = (selector) => document.querySelector(selector)?.focus();
const isVisible = (element) => element?.getClientRects().length;

function toRow(row) {
  if (!row) return;
  row.scrollIntoView({ block: 'nearest' });
  openUrl(row.href);
}

function step(by) {
  const at = rows().findIndex((row) => row.getAttribute('aria-current'));
  toRow(rows()[at < 0 ? 0 : Math.max(0, Math.min(rows().length - 1, at + by))]);
}

function stepMessage(by) {
  const messages = [...document.querySelectorAll('#messages .m-msg')];
  const at = messages.indexOf(document.activeElement.closest?.('.m-msg'));
  messages[at < 0 ? messages.length - 1 : Math.max(0, Math.min(messages.length - 1, at + by))]?.focus();
}

function nextRegion(by) {
  const regions = REGIONS.map((each) => document.querySelector(each)).filter(isVisible);
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + by + regions.length) % regions.length];
  const inside = next.id === 'log' ? next : [...next.querySelectorAll('[aria-current], textarea, a, select, input, button')].find(isVisible);
  (inside || next).focus();
}

function open(selector, drawer) {
  if (!isVisible(document.querySelector(selector))) document.body.classList.add(drawer);
  focus(selector);
}

/** Close what is open; else go back to the list. */
function escape(event) {
  const menu = event.target.closest?.('details.menu[open]') || document.querySelector('details.menu[open]');
  if (menu) {
    menu.open = false;
    menu.querySelector('summary').focus();
  } else if (document.body.matches('.show-side, .show-views')) {
    document.body.classList.remove('show-side', 'show-views');
  } else {
    focus('[data-row][aria-current], [data-row]');
  }
}

export const doings = {
  palette: () => openPalette(),
  help: () => document.getElementById('help').showModal(),
  side: () => document.body.classList.toggle('show-side'),
  views: () => document.body.classList.toggle('show-views'),
  back: () => go(document.getElementById('main').dataset.view),
  note: () => choose('internal'),
  reply: () => choose('public'),
  attach: () => document.getElementById('file')?.click(),
  later: () => setTimeout(() => {
    const menu = document.getElementById('send-later');
    if (!isVisible(menu)) return;
    menu.open = true;
    menu.querySelector('.m-mi').focus();
  }),
  macros: pick,
  'own-macros': showOwn,
  status: openStatus,
  next: takeNext,
  assign: () => open('#tk-assignee', 'show-side'),
  tags: () => open('#tk-tags', 'show-side'),
  'pass-on': () => openNamed('pass-on'),
  merge: () => openNamed('merge'),
  'side-new': () => openNamed('side-new'),
  'merge-contact': () => openNamed('merge-contact'),
  why: () => openNamed('why'),
  take: () => press('take'),
  release: () => press('release'),
  solve: () => press('solve'),
  reopen: () => press('reopen'),
  end: () => press('end'),
  wake: () => press('wake'),
  // After the press that asked for it, which closes every menu it was not in.
  snooze: () => setTimeout(() => {
    const menu = document.getElementById('snooze');
    if (!menu) return;
    menu.open = true;
    menu.querySelector('.m-mi').focus();
  }),
};

const SINGLE = {
  KeyJ: (event) => (event.shiftKey ? stepMessage(1) : step(1)),
  KeyK: (event) => (event.shiftKey ? stepMessage(-1) : step(-1)),
  KeyU: () => toRow(rows().find((row) => row.classList.contains('unread') && !row.getAttribute('aria-current'))),
  KeyR: doings.reply, KeyI: doings.note, KeyA: doings.take, KeyT: doings['pass-on'], KeyH: doings.snooze, KeyX: pickRow, KeyB: toBar,
  KeyL: doings.tags, KeyS: doings.status, KeyN: doings.next,
  KeyY: (event) => answerOffer(event.shiftKey ? 'decline' : 'accept'),
  KeyP: () => open('#tk-priority', 'show-side'),
  KeyE: (event) => (event.shiftKey ? doings.reopen() : doings.solve()),
  KeyZ: undoLast,
  BracketLeft: doings.views, BracketRight: doings.side,
  Slash: (event) => (event.shiftKey || event.key === '?' ? doings.help() : openPalette()),
  KeyG: () => { isGoing = true; setTimeout(() => (isGoing = false), GO_WITHIN_MS); },
};
const GOING = { KeyI: () => go('mine'), KeyM: () => go('mentions'), KeyU: () => go('unassigned'), KeyA: () => go('open'), KeyS: () => go('snoozed'), KeyL: () => document.getElementById('go-live')?.click() };
// What may go on while its key is held: moving through rows and messages.
const REPEATS = new Set(['KeyJ', 'KeyK']);
// What is heard while another conversation is on its way: going on to yet another.
const MOVES = new Set(['KeyJ', 'KeyK', 'KeyU', 'KeyG']);
const WITH_MOD = { KeyK: (event) => !event.shiftKey && openPalette(), KeyU: (event) => event.shiftKey && doings.attach(), KeyM: (event) => event.shiftKey && doings.macros(), KeyL: (event) => event.shiftKey && doings.later() };

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  const isMod = event.metaKey || event.ctrlKey;
  if (isMod && WITH_MOD[event.code] && WITH_MOD[event.code](event) !== false) return event.preventDefault();
  if (event.code === 'F6') {
    event.preventDefault();
    return nextRegion(event.shiftKey ? -1 : 1);
  }
  if (event.target.closest?.('dialog')) return undefined;
  if (event.key === 'Escape') return escape(event);
  const isWriting = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (isWriting || isMod || event.altKey || app.dataset.shortcuts !== 'yes') return undefined;
  const chosen = isGoing ? GOING[event.code] : SINGLE[event.code];
  if (!chosen || (isSwitching() && !isGoing && !MOVES.has(event.code))) return undefined;
  event.preventDefault();
  if (event.repeat && !REPEATS.has(event.code)) return undefined;
  isGoing = false;
  return chosen(event);
});
