// The list follows what happens without losing scroll, focus, or the rows that "Show more" brought;
// and no row moves under the pointer.
import { inboxChanged } from './socket.js';
import { current, fire, fragment, on, words } from './words.js';

const TYPING_MS = 6000;
const PAGE = 30;
const REST_MS = 15_000;
const typing = new Map();
let held = null;
let pointedAt = 0;
let restTimer = 0;
let asked = 0;

const list = () => document.getElementById('list');
const box = () => document.getElementById('rows');
export const rows = (root = document) => [...root.querySelectorAll('[data-row]')];
const order = (root) => [...root.querySelectorAll('.conv, .grp')].map((each) => each.id).join();

/** What stands open before somebody's eyes is not unread. */
function seen(row) {
  row.classList.remove('unread');
  row.querySelector('.m-count')?.remove();
}

/** Show which row and which view are open, and in which rows someone types. */
export function mark() {
  const [conversation, view] = [current(), document.getElementById('main')?.dataset.view];
  for (const row of rows()) {
    if (row.dataset.row === conversation) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
    if (row.dataset.row === conversation && !document.hidden && document.hasFocus()) seen(row);
    row.classList.toggle('is-typing', typing.has(row.dataset.row));
  }
  for (const link of document.querySelectorAll('#views [data-view]')) {
    if (link.dataset.view === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  fire('list-marked');
}

function patch(fresh) {
  for (const row of rows(fresh)) {
    const shown = document.getElementById(row.id);
    if (shown) window.Idiomorph.morph(shown, row.cloneNode(true), { morphStyle: 'outerHTML' });
  }
}

/** A pointer that rests is no hand about to press. */
const isPointed = () => list().matches(':hover') && Date.now() - pointedAt < REST_MS;

function place(fresh) {
  const [top, focused] = [box().scrollTop, document.activeElement];
  window.Idiomorph.morph(box(), fresh.querySelector('#rows').innerHTML, { morphStyle: 'innerHTML' });
  // A row that moved has lost the focus on its way.
  if (focused.id && focused !== document.activeElement) document.getElementById(focused.id)?.focus({ preventScroll: true });
  box().scrollTop = top;
}

function apply(fresh) {
  if (isPointed() && order(fresh) !== order(box()) && rows(box()).length) {
    held = fresh;
    patch(fresh);
    clearTimeout(restTimer);
    restTimer = setTimeout(letGo, REST_MS);
  } else {
    held = null;
    place(fresh);
  }
  mark();
}

/** Show what was held back while the pointer was on the list. */
function letGo() {
  const fresh = held;
  held = null;
  if (fresh && box()) apply(fresh);
}

async function refresh() {
  const shown = list();
  if (!shown || !box()) return;
  // Where all rows are on screen, a new one finds its place too.
  const wanted = rows(box()).length + (document.getElementById('more-rows') ? 0 : PAGE);
  const nth = ++asked;
  const fresh = await fragment(`${shown.dataset.list}?rows=${wanted}`).catch(() => null);
  // What was asked for before this and came after it is older.
  if (fresh && shown === list() && nth === asked) apply(fresh);
}

export async function more(button) {
  const fresh = await fragment(button.dataset.more).catch(() => null);
  if (!fresh || !button.isConnected) return;
  const added = [...fresh.querySelector('#rows').children].filter((row) => !row.id || row.id === 'more-rows' || !document.getElementById(row.id));
  button.remove();
  box().append(...added);
  mark();
}

function ages() {
  const [now, minutes, hours, days] = words.ages.split('|');
  for (const time of document.querySelectorAll('time[data-age]')) {
    const n = Math.floor((Date.now() - Date.parse(time.dateTime)) / 60_000);
    const text = n < 1 ? now : n < 60 ? minutes.replace('{n}', n) : n < 1440 ? hours.replace('{n}', Math.floor(n / 60)) : days.replace('{n}', Math.floor(n / 1440));
    if (text && time.textContent !== text) time.textContent = text;
  }
}

on('inbox-changed', refresh);
// What this person has read shows in their own lists only; nobody else is told.
on('read', inboxChanged);
on('htmx:afterSwap', mark);
on('switched', mark);
on('typing', ({ detail: { conversation, who, state } }) => {
  if (who.kind !== 'contact') return;
  clearTimeout(typing.get(conversation));
  typing.delete(conversation);
  if (state === 'start') typing.set(conversation, setTimeout(() => { typing.delete(conversation); mark(); }, TYPING_MS));
  mark();
});
on('pointermove', (event) => { if (event.target.closest?.('#list')) pointedAt = Date.now(); });
on('pointerout', (event) => held && !event.relatedTarget?.closest?.('#list') && setTimeout(letGo));
setInterval(ages, 30_000);
