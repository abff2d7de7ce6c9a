// The first screen: a greeting, the latest conversations, and a way to write.
import { conversationRow, waitingRows } from './recent.js';
import { avatar, button, h, iconButton } from './dom.js';
import { icon } from './icons.js';
import { randomId } from './storage.js';
import { store } from './store.js';
import { config, t } from './words.js';

const SHOWN = 3;

/** Give the thread a new message goes to: an empty one that is there, the visitor's first, or one of its own. */
export function freshThread() {
  const { conversations } = store;
  return conversations.empty()?.id ?? (conversations.size ? `new:${randomId()}` : 'default');
}

/** Draw rows anew with the focus where it was. @param {HTMLElement} place @param {Node[]} rows */
export function redraw(place, rows) {
  const focused = [...place.querySelectorAll('button')].indexOf(document.activeElement);
  place.replaceChildren(...rows);
  if (focused >= 0) [...place.querySelectorAll('button')].at(focused)?.focus();
}

/** @param {{ open: (id: string) => void, list: () => void, close: () => void }} go */
export function homeView(go) {
  const faces = h('span', { class: 'mw-avs' });
  const top = h('div', { class: 'top' }, faces, h('span', { class: 'g' }), iconButton(t('close'), 'close', go.close));
  const hero = h('div', { class: 'mw-hero' }, top, h('h1', { dir: 'auto' }, config.greeting));
  const cards = h('div', { class: 'mw-cards' });
  const off = new AbortController();

  function render() {
    const recent = store.conversations.recent();
    const people = [...new Map(recent.map((each) => each.author).filter((author) => author?.type === 'agent').map((author) => [author.name, author])).values()];
    faces.replaceChildren(avatar(null, true), ...people.slice(0, 3).map((author) => avatar(author, true)));
    const words = h('span', { class: 'g' }, h('span', { class: 'med bl' }, t('newMessage')), h('span', { class: 't12 c3 bl' }, t('newHint')));
    const write = button({ class: 'mw-card mw-row', 'data-new': '', onclick: () => go.open(freshThread()) }, words, icon('plane', 'flip'));
    const rows = [...waitingRows(go.open), ...recent.slice(0, SHOWN).map((each) => conversationRow(each, go.open)), store.closing.isClosed ? h('p', { class: 'mw-card mw-row c3', role: 'status' }, t('closed')) : write];
    if (recent.length > 1) rows.push(button({ class: 'mw-card mw-row', onclick: go.list }, h('span', { class: 'g' }, t('allConversations')), icon('forth', 's flip')));
    redraw(cards, rows);
  }
  for (const what of ['conversations', 'outbox', 'online']) store.addEventListener(what, render, { signal: off.signal });
  render();
  return { view: h('div', { class: 'mw-s' }, hero, cards), tab: 'home', focus: () => cards.querySelector('button')?.focus(), leave: () => off.abort() };
}
