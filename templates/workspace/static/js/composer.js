// Writing a reply or a note: shown at once, kept until the server has it.
import { keep, restore, forget } from './drafts.js';
import { files } from './files.js';
import * as outbox from './outbox.js';
import { tell } from './socket.js';
import { isSwitching } from './switch.js';
import { lastSeq } from './thread.js';
import { app, button, current, fill, fire, makeId, on, toast, words } from './words.js';

const TYPING_EVERY_MS = 3000;
let typedAt = 0;
let heldSeq = 0;
// The id of each part that was to go out: the same words are the same message until the composer is cleared.
const ids = new Map();

const $ = (name) => document.getElementById(name);
export const audience = () => $('composer')?.querySelector('.box').dataset.audience || 'public';

/** Nothing public is written here any more: the customer's session ended. */
const isSessionOver = () => Boolean(document.querySelector('#session-over [data-over]'));

/** Write a reply ("public") or a note ("internal"). */
export function choose(kind, { focus = true } = {}) {
  const box = $('composer')?.querySelector('.box');
  // Who may only write notes has no tab for replies.
  if (!box?.querySelector(`[role=tab][data-audience=${kind}]`)) return;
  const isOver = isSessionOver();
  if (isOver && box.querySelector('[role=tab][data-audience=internal]')) kind = 'internal';
  box.dataset.audience = kind;
  for (const tab of box.querySelectorAll('[role=tab]')) {
    tab.disabled = isOver && tab.dataset.audience === 'public';
    tab.setAttribute('aria-selected', String(tab.dataset.audience === kind));
    tab.tabIndex = tab.dataset.audience === kind ? 0 : -1;
  }
  const reply = $('reply');
  reply.placeholder = kind === 'internal' ? reply.dataset.note : reply.dataset.reply;
  reply.setAttribute('aria-label', reply.placeholder);
  if (focus) reply.focus();
}

function stopTyping() {
  if (typedAt) tell({ type: 'typing', conversation: current(), state: 'stop', audience: audience() });
  typedAt = 0;
}

function grow() {
  const reply = $('reply');
  reply.style.height = 'auto';
  reply.style.height = `${Math.min(240, Math.max(56, reply.scrollHeight))}px`;
}

/** How much is written, as the server counts it. */
const lengthOf = (text) => [...text.trim()].length;
const isTooLong = () => lengthOf($('reply').value) > Number($('reply').dataset.limit);

/** Near the limit say how much is written, and past it that it does not go. */
function count() {
  const limit = Number($('reply').dataset.limit);
  // Counting the characters costs; what is short is short in any unit.
  const n = $('reply').value.length < 0.9 * limit ? 0 : lengthOf($('reply').value);
  const shown = $('count');
  shown.hidden = n < 0.9 * limit;
  shown.classList.toggle('over', n > limit);
  shown.textContent = shown.hidden ? '' : fill(n > limit ? words.tooLong : words.length, { n, limit });
  $('reply').toggleAttribute('aria-invalid', n > limit);
}

/** Say above the composer why nothing goes out. */
function holdBack(...said) {
  $('held').replaceChildren(...said);
  $('held').hidden = false;
}

function idOf(conversation, { text, attachment = '' }) {
  if (!ids.has(conversation)) ids.set(conversation, new Map());
  const known = ids.get(conversation);
  const key = `${attachment} ${text}`;
  if (!known.has(key)) known.set(key, makeId());
  return known.get(key);
}

/** From here on the same words are another message. */
export const renewIds = () => ids.delete(current());

/** What is written, as parts to send, once no file is on its way any more: [{ text, attachment, name, client_id }], or none. */
export async function toSend() {
  const conversation = current();
  if (isSwitching()) return [];
  if ($('reply') && isTooLong()) {
    toast($('count').textContent);
    $('reply').focus();
    return [];
  }
  const ready = await files.ready();
  if (conversation !== current()) return [];
  // What was to go with them is not sent alone, unless it is asked for again.
  const lost = files.takeRefused();
  if (lost.length) {
    holdBack(fill(words.without, { name: lost.join(', ') }));
    return [];
  }
  const text = $('reply')?.value.trim();
  if (!text && !ready.length) return [];
  const parts = ready.length ? ready.map((file, at) => ({ text: at ? '' : text, attachment: file.id, name: file.name })) : [{ text }];
  return parts.map((part) => ({ ...part, client_id: idOf(conversation, part) }));
}

/** Send what is written; files that are still on their way go first. Gives whether anything went. */
export async function send() {
  const [conversation, kind] = [current(), audience()];
  const to = $('customer-name')?.textContent.trim() || '';
  const parts = await toSend();
  if (!parts.length) return false;
  const draft = forget(conversation, parts[0].text);
  for (const part of parts) {
    outbox.add({ draft, conversation, to, place: location.pathname, url: $('composer').dataset.post, audience: kind, seen_seq: Math.max(heldSeq, lastSeq()), ...part });
  }
  heldSeq = 0;
  clear();
  return true;
}

/** Leave an empty field, no files, and nothing that asks about it; with `forgets`, no draft anywhere either. */
export function clear({ forgets = false } = {}) {
  files.clear();
  renewIds();
  stopTyping();
  $('held').hidden = true;
  $('held').replaceChildren();
  $('reply').value = '';
  grow();
  count();
  if (forgets) keep(audience());
}

/** Solve once the words are stored, not before: an answer that came after would open the work again. */
async function sendAndSolve() {
  const conversation = current();
  if (!(await send())) return;
  await outbox.flush();
  if (conversation === current() && !outbox.of(conversation).length) document.querySelector('[data-action=solve]')?.click();
}

// Something arrived while this was written: the words come back, and one key or a button sends them after all.
on('give-back', (event) => {
  const item = event.detail;
  if (!$('reply') || $('reply').value) return;
  event.preventDefault();
  outbox.drop(item);
  choose(item.audience);
  $('reply').value = item.text;
  heldSeq = item.held_seq;
  holdBack(words.heldBack, button(words.anyway, send, 'm-btn sm'));
  fire('fetch-newer');
});

on('thread-loaded', () => {
  heldSeq = 0;
  typedAt = 0;
  if (!$('composer')) return;
  if (app.dataset.enter === 'yes') $('send').querySelector('.m-kbd').textContent = '↵';
  restore(choose);
  grow();
  count();
});
on('sent-elsewhere', () => clear());
on('before-switch', () => {
  stopTyping();
  files.clear();
});
on('submit', (event) => {
  if (event.target.id !== 'composer') return;
  event.preventDefault();
  send();
});
on('input', (event) => {
  if (event.target.id !== 'reply') return;
  grow();
  count();
  keep(audience());
  if (!event.target.value) stopTyping();
  else if (Date.now() - typedAt > TYPING_EVERY_MS) {
    typedAt = Date.now();
    tell({ type: 'typing', conversation: current(), state: 'start', audience: audience() });
  }
});
on('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const tab = event.target.closest?.('#composer [role=tab]');
  if (tab && ['ArrowLeft', 'ArrowRight'].includes(event.key)) {
    choose(audience() === 'public' ? 'internal' : 'public', { focus: false });
    document.querySelector('#composer [role=tab][aria-selected=true]').focus();
  }
  if (event.target.id !== 'reply' || event.key !== 'Enter' || event.defaultPrevented) return;
  const isMod = event.metaKey || event.ctrlKey;
  if (!isMod && (app.dataset.enter !== 'yes' || event.shiftKey)) return;
  event.preventDefault();
  if (isMod && event.shiftKey) sendAndSolve();
  else send();
});
on('htmx:afterSettle', (event) => event.target.id === 'session-over' && choose(audience(), { focus: false }));
on('click', (event) => {
  const tab = event.target.closest('#composer [role=tab]');
  if (tab) choose(tab.dataset.audience);
});
