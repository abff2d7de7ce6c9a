// The second screen: all of the visitor's conversations.
import { conversationRow, waitingRows } from './recent.js';
import { button, h, iconButton } from './dom.js';
import { freshThread, redraw } from './home.js';
import { store } from './store.js';
import { troubleView } from './waiting.js';
import { t } from './words.js';

/** @param {{ open: (id: string) => void, close: () => void }} go */
export function listView(go) {
  const rows = h('div', { class: 'mw-rows' });
  const trouble = h('div');
  const more = button({ class: 'mw-link', onclick: load }, t('showMore'));
  const write = button({ class: 'mw-btn', 'data-new': '', onclick: () => go.open(freshThread()) }, t('newMessage'));
  const header = h('header', { class: 'mw-h' }, h('div', { class: 'g' }, h('h1', { class: 'semi' }, t('title'))), iconButton(t('close'), 'close', go.close));
  const body = h('div', { class: 'mw-scroll', tabindex: -1 }, rows, trouble, h('div', { class: 'mw-early' }, more));
  const off = new AbortController();

  function render() {
    const all = [...waitingRows(go.open), ...store.conversations.recent().map((each) => conversationRow(each, go.open))];
    redraw(rows, all.length ? all : [h('div', { class: 'mw-late' }, h('p', { class: 'semi c1' }, t('noMessages')), h('p', {}, t('newHint')))]);
    more.hidden = !store.conversations.hasMore;
    write.hidden = store.closing.isClosed;
  }
  async function load() {
    more.disabled = true;
    trouble.replaceChildren();
    await store.loadMore().catch(() => trouble.replaceChildren(troubleView(t('loadFailed'), load)));
    more.disabled = false;
  }
  for (const what of ['conversations', 'outbox', 'online']) store.addEventListener(what, render, { signal: off.signal });
  render();
  return {
    view: h('div', { class: 'mw-s' }, header, body, h('div', { class: 'mw-foot pad' }, write)),
    tab: 'list',
    focus: () => (rows.querySelector('button') || write).focus(),
    leave: () => off.abort(),
  };
}
