// The open thread: fetches what came after its last seq, marks it read, pages back.
import { dress } from './dress.js';
import { announce, current, fill, fire, fragment, on, post, words } from './words.js';

const FLOOD = { messages: 3, within: 5000 };
let isFetching = false;
let isStale = false;
let heardAt = [];

const log = () => document.getElementById('log');
const list = () => document.getElementById('messages');
/** The row of an own message. No selector is made of a client id: it holds whatever its writer chose. */
export const ownRow = (box, clientId) => [...box.querySelectorAll('[data-client-id]')].find((row) => row.dataset.clientId === clientId);
export const lastSeq = () => Math.max(0, ...[...document.querySelectorAll('#messages [data-seq]')].map((row) => Number(row.dataset.seq)));

export async function fetchNewer() {
  if (!log()) return;
  isStale = isFetching;
  if (isFetching) return;
  isFetching = true;
  const conversation = current();
  try {
    // Offline, or on the way to another page: the next fact or the socket's return fetches it.
    const fresh = await fragment(`${log().dataset.messages}?after=${lastSeq()}`).catch(() => null);
    if (fresh && conversation === current() && log()) append(fresh);
  } finally {
    isFetching = false;
  }
  if (isStale) fetchNewer();
}

function shown(row) {
  const { seq, line, day } = row.dataset;
  if (day) return list().querySelector(`[data-day="${day}"]`);
  return list().querySelector(seq ? `[data-seq="${seq}"]` : `[data-line="${line}"]`);
}

function append(fresh) {
  const marks = fresh.querySelector('[data-read-seq]');
  for (const row of [...fresh.querySelectorAll('[role=listitem]')]) {
    const there = shown(row);
    // A line may say more than it did.
    if (there && row.dataset.line && there.textContent !== row.textContent) there.replaceWith(row);
    if (there) continue;
    ownRow(document.getElementById('pending'), row.dataset.clientId)?.remove();
    if (row.dataset.kind === 'contact') heard(row);
    list().append(row);
  }
  keepMarks(marks);
  dress();
  mark();
  if (marks?.dataset.more === 'yes') isStale = true;
}

function keepMarks(marks) {
  if (!marks) return;
  log().dataset.deliveredSeq = marks.dataset.delivered;
  log().dataset.readSeq = marks.dataset.readSeq;
}

const isSeen = () => !document.hidden && document.hasFocus();

/** A word of the customer's: spoken, unless a flood of them comes; ruled off, unless someone is looking. */
function heard(row) {
  const name = row.querySelector('.who b')?.textContent.trim() || '';
  const now = Date.now();
  heardAt = [...heardAt.filter((at) => now - at < FLOOD.within), now];
  const text = row.querySelector('.m-bub')?.textContent.trim().slice(0, 200) || '';
  announce(heardAt.length > FLOOD.messages ? fill(words.many, { n: heardAt.length, name }) : `${name}: ${text}`);
  fire('heard');
  if (isSeen() || list().querySelector('[data-new]')) return;
  const rule = document.createElement('div');
  rule.className = 'm-day new';
  rule.setAttribute('role', 'listitem');
  rule.dataset.new = '';
  rule.textContent = words.new;
  list().append(rule);
}

/** Say how far this page has come: read when someone looks at it, else delivered. What was not kept is said at the
 * next occasion. */
async function mark() {
  const said = log()?.dataset;
  const [seq, name, how] = [lastSeq(), ...(isSeen() ? ['seen', {}] : ['held', { unseen: 1 }])];
  if (!said || Math.max(said.seen || 0, said[name] || 0) >= seq) return;
  said[name] = String(seq);
  const answer = await post(said.read, { seq, ...how }).catch(() => null);
  if (!answer?.ok && said[name] === String(seq)) delete said[name];
  if (answer?.ok && name === 'seen') fire('read');
}

export async function earlier(button) {
  const first = document.querySelector('#messages [data-seq]').dataset.seq;
  const older = await fragment(`${log().dataset.messages}?before=${first}`).catch(() => null);
  if (!older) return;
  const rows = [...older.querySelectorAll('[role=listitem]')].filter((row) => row.dataset.day || !shown(row));
  const repeated = list().querySelector('[data-day]');
  if (rows.some((row) => row.dataset.day === repeated?.dataset.day)) repeated.remove();
  const [box, bottom] = [log(), log().scrollHeight - log().scrollTop];
  list().prepend(...rows);
  box.scrollTop = box.scrollHeight - bottom;
  if (older.querySelector('[data-earlier]')?.dataset.earlier !== 'yes') button.remove();
  dress();
}

on('fact', ({ detail }) => detail.name === `conversation-${current()}` && fetchNewer());
on('fetch-newer', fetchNewer);
on('socket-open', ({ detail }) => {
  mark();
  if (detail.wasLost) fetchNewer();
});
on('htmx:afterSwap', (event) => {
  if (event.detail.target?.id !== 'conversation' || !log() || log().dataset.loaded) return;
  log().dataset.loaded = 'yes';
  keepMarks(list().querySelector('[data-read-seq]'));
  heardAt = [];
  dress();
  fire('thread-loaded');
  mark();
  fetchNewer();
});
addEventListener('focus', mark);
