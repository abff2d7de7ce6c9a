// The messenger: which screen is open, what the host page is told, and how it all looks.
import { beep, regions, say, sayAtOnce, sayMessage } from './announce.js';
import { isDialogOpen } from './dialog.js';
import { button, h, iconButton } from './dom.js';
import { homeView } from './home.js';
import { icon } from './icons.js';
import { listView } from './list.js';
import { store } from './store.js';
import { threadView } from './thread.js';
import { skeleton, troubleView } from './waiting.js';
import { config, t } from './words.js';

const OFFLINE_AFTER_MS = 2000;
const root = document.getElementById('mw');
const main = h('div', { class: 'mw-main' });
const offline = h('div', { class: 'mw-bn', role: 'status', hidden: true }, h('i', { class: 'sp' }), h('span', { class: 'g' }, t('offline')));
const nav = h('nav', { class: 'mw-nav', 'aria-label': config.brand, hidden: true });
const dark = matchMedia('(prefers-color-scheme: dark)');
let screen = null;
let isShown = parent === window;
let offlineTimer = 0;

function dress() {
  const isDark = config.mode === 'dark' || (config.mode === 'auto' && dark.matches);
  const [brand, on, textLight, textDark] = config.colours;
  document.documentElement.dataset.mode = root.dataset.mode = isDark ? 'dark' : 'light';
  root.style.setProperty('--mw-brand', brand);
  root.style.setProperty('--mw-on-brand', on);
  root.style.setProperty('--mw-brand-text', isDark ? textDark : textLight);
}

function tellHost(message) {
  if (parent !== window) parent.postMessage({ madang: config.key, ...message }, '*');
}

function show(next) {
  screen?.leave();
  screen = next;
  main.replaceChildren(next.view);
  const head = next.view.querySelector('.mw-h');
  if (head) head.after(offline);
  else next.view.prepend(offline);
  drawNav();
  if (isShown) next.focus();
}

const go = {
  home: () => show(homeView(go)),
  list: () => show(listView(go)),
  open: (id) => show(threadView(id, { ...go, back: screen?.tab === 'list' ? go.list : go.home })),
  close: () => tellHost({ type: 'close' }),
  isShown: () => isShown,
};

/** Draw the way between the two first screens, for visitors who have conversations. */
function drawNav() {
  nav.hidden = !screen?.tab || !(store.conversations.size || store.outbox.entries.length);
  const item = (tab, name, word, act) => button({ 'aria-current': screen?.tab === tab ? 'page' : null, onclick: act }, icon(name), word);
  const messages = item('list', 'chat', t('title'), go.list);
  if (store.unread) messages.append(h('span', { class: 'mw-n', 'aria-hidden': 'true' }, String(store.unread)), h('span', { class: 'vh' }, t('unread', { n: store.unread })));
  const focused = [...nav.children].indexOf(document.activeElement);
  nav.replaceChildren(item('home', 'home', t('home'), go.home), messages);
  if (focused >= 0) nav.children[focused].focus();
}

function showOffline() {
  clearTimeout(offlineTimer);
  if (store.isOnline) offline.hidden = true;
  else offlineTimer = setTimeout(() => (offline.hidden = false), OFFLINE_AFTER_MS);
}

addEventListener('message', ({ data, source }) => {
  if (source !== parent || data?.madang !== config.key) return;
  // The host tells again when its window changes: a keyboard that opens moves no focus.
  const wasShown = isShown;
  isShown = data.type === 'open';
  root.toggleAttribute('data-phone', Boolean(data.isModal));
  root.setAttribute('aria-modal', String(Boolean(data.isModal)));
  if (isShown && !wasShown) screen?.focus();
});
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing && !isDialogOpen()) go.close();
});
store.isWatched = () => isShown && !document.hidden;
store.addEventListener('unread', () => { tellHost({ type: 'unread', count: store.unread }); drawNav(); });
store.addEventListener('conversations', drawNav);
store.addEventListener('received', ({ detail }) => {
  sayMessage(detail);
  if (!isShown || !document.hasFocus()) beep();
});
store.addEventListener('acknowledged', () => say(t('sent')));
store.addEventListener('failed', () => sayAtOnce(t('failed')));
store.addEventListener('online', showOffline);
dark.addEventListener('change', dress);

async function begin() {
  const bar = h('header', { class: 'mw-h' }, h('div', { class: 'g semi' }, config.brand), iconButton(t('close'), 'close', go.close));
  const place = h('div', { class: 'mw-s' });
  main.replaceChildren(bar, place);
  const waiting = skeleton(place, () => location.reload());
  try {
    // A preview stays alone: nobody visits, and nothing is sent.
    if (!config.preview) await store.begin();
    const unread = store.conversations.recent().filter((each) => each.unread);
    if (unread.length === 1) go.open(unread[0].id);
    else go.home();
  } catch {
    place.append(troubleView(t('startFailed'), begin));
  }
  waiting.end();
  tellHost({ type: 'ready' });
}

root.append(main, nav, ...regions);
dress();
begin();
