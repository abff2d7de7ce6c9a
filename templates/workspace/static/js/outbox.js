// What is written and not yet stored: kept in this browser, sent in order, each with one id for good.
// A retry is the same message to the server, so nothing is lost by a cut line and nothing doubled by a second try.
import { app, fire, isSignedOut, on, post, words } from './words.js';

const KEY = `madang-outbox-${app.dataset.me}`;
const ANSWER_WITHIN_MS = 30_000;
const RETRY_MS = 5000;
// The server, or what stands before it, is away for a moment.
const LATER = new Set([429, 502, 503, 504]);
let running = Promise.resolve();
let wentOut = 0;
let retryTimer = 0;
let memory = [];

/** Oldest first. Items: { client_id, conversation, to, place, url, text, draft, audience, attachment, name, seen_seq, state,
 * reason }. State: sending; queued, for want of a line; held, since others wrote meanwhile; failed. */
export function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) || [];
  } catch {
    return memory;
  }
}

function write(items) {
  memory = items;
  try {
    localStorage.setItem(KEY, JSON.stringify(items));
  } catch {
    // Storage is blocked or full: the page's own memory holds it.
  }
}

function change(clientId, what) {
  const items = read().map((item) => (item.client_id === clientId ? { ...item, ...what } : item));
  write(items);
  fire('outbox', { item: items.find((item) => item.client_id === clientId) });
}

function remove(item, how) {
  write(read().filter((each) => each.client_id !== item.client_id));
  fire('outbox', { item, how });
}

export const of = (conversation) => read().filter((item) => item.conversation === conversation);
/** How much of what was queued has gone out since the last time someone asked. */
export const takeWentOut = () => {
  const n = wentOut;
  wentOut = 0;
  return n;
};
export const waiting = () => read().filter((item) => item.state === 'queued').length;
/** What does not go out by itself: somebody has to look at it. */
export const stuck = () => read().filter((item) => ['held', 'failed'].includes(item.state));
/** Held back behind another one of its conversation, which is asked about for both. */
export const isBehind = (item) => item.state === 'held' && of(item.conversation).find((each) => each.state === 'held').client_id !== item.client_id;

export function add(item) {
  const made = { ...item, state: 'sending' };
  write([...read(), made]);
  fire('outbox', { item: made });
  flush();
}

export const drop = (item) => remove(item, 'dropped');

/** Try once more; with `seen`, whatever stands before this seq has been read and need not hold it back, nor those after it. */
export function retry(item, seen = 0) {
  for (const each of of(item.conversation)) {
    if (each.client_id === item.client_id || each.state === 'queued' || (seen && each.state === 'held')) change(each.client_id, { state: 'sending', reason: '', seen_seq: Math.max(seen, each.seen_seq) });
  }
  flush();
}

async function deliver(item) {
  const fields = { text: item.text, draft: item.draft || '', audience: item.audience, client_id: item.client_id, seen_seq: item.seen_seq };
  if (item.attachment) fields.attachment = item.attachment;
  const answer = await post(item.url, fields, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(() => null);
  if (!answer || LATER.has(answer.status) || isSignedOut()) return { state: 'queued' };
  if (answer.status === 201) return { state: 'sent' };
  const { error } = await answer.json().catch(() => ({ error: { title: '' } }));
  return error.code === 'new_messages_arrived' ? { state: 'held', seq: error.limit } : { state: 'failed', reason: error.title };
}

/** Others wrote: what was to go to the same customer after this stays in its order, and is asked about together. */
function hold(item, seq) {
  const wasQueued = item.state === 'queued';
  for (const each of of(item.conversation)) {
    const isAfter = ['queued', 'sending'].includes(each.state) && each.audience === 'public';
    if (each.client_id === item.client_id || isAfter) change(each.client_id, { state: 'held', reason: '', held_seq: seq, wasQueued });
  }
}

/** What may go now. Notes are for the team: nothing the customer wrote holds them back. */
function next() {
  const held = new Set(read().filter((item) => item.state === 'held').map((item) => item.conversation));
  return read().find((each) => ['queued', 'sending'].includes(each.state) && (each.audience !== 'public' || !held.has(each.conversation)));
}

async function drain() {
  for (;;) {
    const item = isSignedOut() ? null : next();
    if (!item) return;
    const outcome = await deliver(item);
    if (outcome.state === 'sent') {
      remove(item, 'sent');
      wentOut += item.state === 'queued' ? 1 : 0;
    } else if (outcome.state === 'queued') {
      read().filter((each) => each.state === 'sending').forEach((each) => change(each.client_id, { state: 'queued' }));
      clearTimeout(retryTimer);
      retryTimer = setTimeout(flush, RETRY_MS);
      return;
    } else if (outcome.state === 'held') {
      hold(item, outcome.seq);
    } else {
      change(item.client_id, { state: 'failed', reason: outcome.reason });
    }
  }
}

// Two windows of one browser share the box; the lock has one of them send at a time, so that the order holds.
const alone = (work) => (navigator.locks ? navigator.locks.request(KEY, work) : work());

/** Send what waits, in order, one run after the other. */
export function flush() {
  const run = () => alone(drain);
  running = running.then(run, run);
  return running;
}

addEventListener('online', flush);
// What was written while nobody was signed in says so; it goes out once somebody is.
on('signed-out', () => read().filter((each) => each.state === 'sending').forEach((each) => change(each.client_id, { state: 'queued' })));
