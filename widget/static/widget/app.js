// The messenger: which screen is open, what the host page is told, and what a screen reader hears.
import { call } from './api.js';
import { h } from './dom.js';
import { homeView } from './home.js';
import { store } from './store.js';
import { threadView } from './thread.js';
import { config, t } from './words.js';

const root = document.getElementById('mw');
const polite = h('div', { class: 'vh', 'aria-live': 'polite' });
const urgent = h('div', { class: 'vh', 'aria-live': 'assertive' });
let screen = null;
let isShown = parent === window;

function dress() {
  const isDark = config.mode === 'dark' || (config.mode === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
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
  root.setAttribute('role', 'dialog');
  root.setAttribute('aria-label', config.brand);
  root.replaceChildren(screen.view, polite, urgent);
  if (isShown) screen.focus();
}

const go = {
  home: () => show(homeView({ open: go.open, close: go.close })),
  async open(id) {
    if (id === 'new') {
      const { conversation } = await call('POST', 'conversations', {});
      store.on_conversation({ conversation });
      id = conversation.id;
    }
    show(threadView(id, { back: go.home, close: go.close }));
  },
  close: () => tellHost({ type: 'close' }),
};

function beep() {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  tone.frequency.value = 660;
  gain.gain.setValueAtTime(0.08, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.25);
  tone.connect(gain).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.25);
}

addEventListener('message', ({ data, source }) => {
  if (source !== parent || data?.madang !== config.key) return;
  isShown = data.type === 'open';
  if (isShown) screen?.focus();
});
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing) go.close();
});
store.addEventListener('unread', () => tellHost({ type: 'unread', count: store.unread }));
store.addEventListener('received', ({ detail }) => {
  polite.textContent = t('announce', { name: detail.author.name || t('team'), text: (detail.content.text || t('message')).slice(0, 200) });
  if (config.sound && !document.hasFocus()) beep();
});
store.addEventListener('acknowledged', () => (polite.textContent = t('sent')));
store.addEventListener('failed', () => (urgent.textContent = t('failed')));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', dress);

async function begin() {
  try {
    await store.begin();
    const recent = [...store.conversations.values()].filter((each) => each.unread);
    if (recent.length) go.open(recent[0].id);
    else go.home();
    if (store.outbox.length) store.flush();
  } catch {
    root.replaceChildren(h('div', { class: 'mw-p full' }, h('p', { class: 'mw-bn', role: 'alert' }, t('startFailed')), h('button', { type: 'button', class: 'mw-btn', onclick: begin }, t('retry'))));
  }
  tellHost({ type: 'ready' });
}

dress();
begin();
