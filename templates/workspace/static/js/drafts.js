// Unsent words, one set a conversation: on the server every 2 s, and until then in this browser.
import { app, current, fire, on, post } from './words.js';

const EVERY_MS = 2000;
const SENT = `madang-sent-${app.dataset.me}`;
const key = (conversation) => `madang-draft-${app.dataset.me}-${conversation}`;
const reply = () => document.getElementById('reply');
let timer = 0;
let unsaved = null;
// What the server holds of each conversation, as far as this page knows.
const saved = new Map();

function store(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // Storage is blocked: the server's copy is the only one.
  }
}

async function save() {
  clearTimeout(timer);
  if (!unsaved) return;
  const { conversation, url, text, audience } = unsaved;
  unsaved = null;
  const before = saved.get(conversation);
  saved.set(conversation, text);
  const answer = await post(url, { text, audience }, { keepalive: true }).catch(() => null);
  if (!answer?.ok && saved.get(conversation) === text) saved.set(conversation, before);
  // What was typed meanwhile is newer than what is saved.
  if (answer?.ok && unsaved?.conversation !== conversation) store(key(conversation), null);
}

export function keep(audience) {
  const conversation = current();
  unsaved = { conversation, url: document.getElementById('composer').dataset.draft, text: reply().value, audience };
  store(key(conversation), JSON.stringify({ text: reply().value, audience }));
  clearTimeout(timer);
  timer = setTimeout(save, EVERY_MS);
}

/** The words go out: nothing is left to keep here or in another window. Gives what the server holds of them, to forget
 * with the message. */
export function forget(conversation, text) {
  if (unsaved?.conversation === conversation) unsaved = null;
  store(key(conversation), null);
  store(SENT, JSON.stringify({ conversation, text, at: Date.now() }));
  store(SENT, null);
  const draft = saved.get(conversation) || '';
  saved.delete(conversation);
  return draft;
}

addEventListener('storage', (event) => {
  if (event.key !== SENT || !event.newValue) return;
  const { conversation, text } = JSON.parse(event.newValue);
  // What was edited here since is other words, and stays.
  if (conversation !== current() || reply()?.value.trim() !== text) return;
  unsaved = null;
  fire('sent-elsewhere');
});

/** Bring back what was typed here and not saved; else what the server gave stands. */
export function restore(choose) {
  saved.set(current(), reply().value);
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(key(current())));
  } catch {
    // None.
  }
  if (kept) reply().value = kept.text;
  const box = reply().closest('.box');
  choose(kept?.audience || box.dataset.audience, { focus: false });
}

on('before-switch', save);
addEventListener('pagehide', save);
