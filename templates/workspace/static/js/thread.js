// The open thread: fetches what came after its last seq, marks it read, shows who is here.
import { tell } from './socket.js';
import { announce, app, fill, post, words } from './words.js';

const holder = document.getElementById('conversation');
const id = holder?.dataset.conversation;
const here = new Map();
const typists = new Map();
let isFetching = false;
let isStale = false;

const log = () => document.getElementById('log');
export const lastSeq = () => Math.max(0, ...[...document.querySelectorAll('#messages [data-seq]')].map((row) => Number(row.dataset.seq)));

async function fetchNewer() {
  if (!log()) return;
  isStale = isFetching;
  if (isFetching) return;
  isFetching = true;
  try {
    const answer = await fetch(`${log().dataset.messages}?after=${lastSeq()}`, { headers: { 'HX-Request': 'true' } });
    if (answer.ok) append(await answer.text());
  } catch {
    // Offline, or on the way to another page: the next fact or the socket's return fetches it.
  } finally {
    isFetching = false;
  }
  if (isStale) fetchNewer();
}

function append(html) {
  const box = document.createElement('template');
  box.innerHTML = html;
  const list = document.getElementById('messages');
  const marks = box.content.querySelector('[data-read-seq]');
  const days = new Set([...list.querySelectorAll('[data-day]')].map((day) => day.dataset.day));
  for (const row of [...box.content.querySelectorAll('[role=listitem]')]) {
    if (row.dataset.day && days.has(row.dataset.day)) continue;
    if (row.dataset.seq && list.querySelector(`[data-seq="${row.dataset.seq}"]`)) continue;
    document.querySelector(`#pending [data-client-id="${row.dataset.clientId || 'none'}"]`)?.remove();
    list.append(row);
    if (row.dataset.kind === 'contact') heard(row);
  }
  if (marks) showMarks(Number(marks.dataset.delivered), Number(marks.dataset.readSeq));
  markRead();
}

function heard(row) {
  const name = row.querySelector('.who b')?.textContent.trim() || '';
  const text = row.querySelector('.m-bub')?.textContent.trim().slice(0, 200) || '';
  announce(`${name}: ${text}`);
  typists.delete('contact');
  showTyping();
  if (document.hidden && app.dataset.notifications === 'yes' && Notification.permission === 'granted') new Notification(name, { body: text, tag: id });
}

/** Receipts of what is already on screen follow the marks; the template wrote the same words. */
function showMarks(delivered, read) {
  for (const receipt of document.querySelectorAll('#messages [data-receipt]')) {
    const seq = Number(receipt.closest('[data-seq]').dataset.seq);
    if (seq <= read && !receipt.classList.contains('read')) fetchAgain(receipt, seq);
    else if (seq <= delivered && !receipt.dataset.delivered) fetchAgain(receipt, seq);
  }
}

async function fetchAgain(receipt, seq) {
  receipt.dataset.delivered = '1';
  receipt.classList.add('read');
  const answer = await fetch(`${log().dataset.messages}?after=${seq - 1}`, { headers: { 'HX-Request': 'true' } });
  const box = document.createElement('template');
  box.innerHTML = await answer.text();
  const fresh = box.content.querySelector(`[data-seq="${seq}"] [data-receipt]`);
  if (fresh) receipt.replaceWith(fresh);
}

function markRead() {
  const seq = lastSeq();
  if (!log() || document.hidden || !document.hasFocus() || Number(log().dataset.seen || 0) >= seq) return;
  log().dataset.seen = String(seq);
  post(log().dataset.read, { seq }).catch(() => {});
}

function showTyping() {
  const names = [...typists.values()];
  const line = document.getElementById('typing');
  if (line) line.textContent = names.length ? fill(words.typing, { name: names.join(', ') }) : '';
}

function showPresence() {
  const line = document.getElementById('presence');
  if (line) line.textContent = here.size ? ` · ${fill(words.here, { name: [...here.values()].join(', ') })}` : '';
}

export async function earlier(button) {
  const first = document.querySelector('#messages [data-seq]').dataset.seq;
  const answer = await fetch(`${log().dataset.messages}?before=${first}`, { headers: { 'HX-Request': 'true' } });
  const box = document.createElement('template');
  box.innerHTML = await answer.text();
  const rows = [...box.content.querySelectorAll('[role=listitem]')];
  const repeated = document.querySelector('#messages [data-day]');
  if (rows.some((row) => row.dataset.day === repeated?.dataset.day)) repeated.remove();
  document.getElementById('messages').prepend(...rows);
  if (rows.filter((row) => row.dataset.seq).length < 50) button.remove();
}

if (id) {
  const on = (name, react) => document.body.addEventListener(name, react);
  const watch = () => tell({ type: 'watch', conversation: id });
  on(`conversation-${id}-changed`, fetchNewer);
  on('missed', fetchNewer);
  on('online-again', watch);
  on(`conversation-${id}-typing`, ({ detail }) => {
    const key = detail.who.kind === 'contact' ? 'contact' : detail.who.id;
    if (detail.state === 'start') typists.set(key, detail.who.name);
    else typists.delete(key);
    showTyping();
    clearTimeout(typists.timer);
    typists.timer = setTimeout(() => { typists.clear(); showTyping(); }, 10000);
  });
  on(`conversation-${id}-presence`, ({ detail }) => {
    if (detail.person.id === app.dataset.me) return;
    if (detail.here) here.set(detail.person.id, detail.person.name);
    else here.delete(detail.person.id);
    showPresence();
  });
  document.body.addEventListener('htmx:afterSettle', (event) => {
    if (event.target.id === 'conversation') { markRead(); fetchNewer(); watch(); }
    if (event.target.id === 'thread-head' || event.target.closest?.('#thread-head')) showPresence();
  });
  addEventListener('focus', markRead);
}
