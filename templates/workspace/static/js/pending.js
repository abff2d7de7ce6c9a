// Bubbles of what is not stored yet, under the thread it belongs to.
import * as outbox from './outbox.js';
import { isOpen } from './socket.js';
import { lastSeq, ownRow } from './thread.js';
import { announce, button, current, fire, isSignedOut, on, toast, words } from './words.js';

const LABEL_AFTER_MS = 1000;
const STILL_AFTER_MS = 10_000;
const box = () => document.getElementById('pending');
// An answer may be lost and the message be here all the same, by the socket: then nothing of it is pending to the eye.
const isStored = (item) => Boolean(ownRow(document.getElementById('messages'), item.client_id));
const find = (item) => ownRow(box(), item.client_id);

function make(item) {
  const row = document.createElement('div');
  row.className = `m-msg out agent${item.audience === 'internal' ? ' note' : ''}`;
  row.setAttribute('role', 'listitem');
  row.dataset.clientId = item.client_id;
  row.innerHTML = '<div class="body"><div class="m-bub pending" dir="auto"></div><span class="m-rcpt"></span></div>';
  row.querySelector('.m-bub').textContent = item.text || item.name;
  box().append(row);
  return row;
}

function label(row, item) {
  const receipt = row.querySelector('.m-rcpt');
  const isStuck = ['failed', 'held'].includes(item.state);
  row.dataset.state = item.state;
  row.querySelector('.m-bub').classList.toggle('failed', isStuck);
  receipt.classList.toggle('fail', isStuck);
  clearTimeout(row.timer);
  if (item.state === 'sending') {
    receipt.replaceChildren();
    row.timer = setTimeout(() => {
      receipt.textContent = isOpen() ? words.sending : words.queued;
      row.timer = setTimeout(() => { if (isOpen()) receipt.textContent = words.still; }, STILL_AFTER_MS - LABEL_AFTER_MS);
    }, LABEL_AFTER_MS);
  } else if (item.state === 'queued') {
    receipt.textContent = isSignedOut() ? words.signIn : words.queued;
  } else if (outbox.isBehind(item)) {
    receipt.replaceChildren(words.behind, ' · ', button(words.delete, () => outbox.drop(item)));
  } else {
    const isHeld = item.state === 'held';
    const again = button(isHeld ? words.anyway : words.retry, () => outbox.retry(item, isHeld ? Math.max(lastSeq(), item.held_seq) : 0));
    receipt.replaceChildren(isHeld ? words.held : item.reason || words.failed, ' · ', again, ' · ', button(words.delete, () => outbox.drop(item)));
  }
}

on('outbox', ({ detail: { item, how } }) => {
  if (item.conversation !== current() || !box()) {
    if (item.state === 'failed' && !how) toast(`${words.failed}: ${item.text || item.name}`);
    return undefined;
  }
  if (how === 'dropped' || (isStored(item) && how !== 'sent')) {
    find(item)?.remove();
    // What stood behind it may be the one to ask about now.
    return showAll();
  }
  if (how === 'sent') {
    // The row goes when the stored message stands in the thread; see thread.js.
    if (isStored(item)) find(item)?.remove();
    find(item)?.querySelector('.m-rcpt').replaceChildren();
    announce(document.getElementById('log').dataset.waits === undefined ? words.sent : words.waits);
    return fire('fetch-newer');
  }
  if (item.state === 'held' && !item.wasQueued && !item.attachment && !fire('give-back', item)) return undefined;
  label(find(item) || make(item), item);
  if (item.state === 'failed') toast([words.failed, item.reason].filter(Boolean).join('. '));
  if (item.state === 'held') fire('fetch-newer');
  document.getElementById('log').scrollTop = 0;
  return undefined;
});

const showAll = () => box() && outbox.of(current()).filter((item) => !isStored(item)).forEach((item) => label(find(item) || make(item), item));
on('thread-loaded', showAll);
on('socket-lost', showAll);
on('signed-out', showAll);
