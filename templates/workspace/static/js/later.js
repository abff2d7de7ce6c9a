// Answers that go out later: scheduled from the composer, shown under the thread until they are sent.
import { clear, renewIds, toSend } from './composer.js';
import { lastSeq } from './thread.js';
import { app, current, fire, on, post, refused, toast, words } from './words.js';

const reply = () => document.getElementById('reply');

/** Post, and say what was refused. Gives the answer's JSON, or null. */
async function ask(url, fields) {
  const answer = await post(url, fields).catch(() => null);
  if (answer?.ok) return answer.json();
  if (answer) refused(answer);
  else toast(words.failed);
  return null;
}

/** Have what is written go out then; it leaves the composer once the server has it. */
async function sendLater(until) {
  const [conversation, parts] = [current(), await toSend()];
  if (!parts.length || !until) return reply()?.focus();
  const fields = { until, seen_seq: lastSeq(), if_contact_writes: document.getElementById('later-if').value };
  for (const { text, attachment, client_id } of parts) {
    const kept = await ask(document.getElementById('composer').dataset.later, { ...fields, text, client_id, ...(attachment ? { attachment } : {}) });
    if (conversation !== current()) return undefined;
    // What got there before the line broke, or the server refused a later part, is seen at once.
    if (!kept) return fire('later-changed');
    fire('told', kept.told);
  }
  clear({ forgets: true });
  fire('later-changed');
  return reply().focus();
}

/** Send a waiting one now, cancel it, or take it back into the composer. */
async function change(pressed) {
  const done = await ask(pressed.dataset.laterDo, { conversation: current() });
  if (!done) return;
  renewIds();
  fire('later-changed');
  if (pressed.dataset.edits !== undefined) {
    reply().value = [reply().value.trim(), done.text].filter(Boolean).join('\n');
    reply().focus();
    reply().dispatchEvent(new Event('input', { bubbles: true }));
  } else if (pressed.dataset.again) {
    fire('told', { text: done.text, undo: pressed.dataset.again, values: {} });
  }
}

/** What is offered is as of now, however long ago the conversation was opened. */
async function renew(menu) {
  const answer = await fetch(app.dataset.moments, { headers: { 'HX-Request': 'true' } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new Map((await answer.json()).moments.map((each) => [each.name, each]));
  for (const row of menu.querySelectorAll('[data-moment]')) {
    const moment = fresh.get(row.dataset.moment);
    row.hidden = !moment;
    if (!moment) continue;
    if (row.dataset.later !== undefined) row.dataset.later = moment.at;
    else row.setAttribute('hx-vals', JSON.stringify({ until: moment.at }));
    row.querySelector('.num').textContent = moment.shown;
  }
}

document.addEventListener('toggle', (event) => {
  if (event.target.open && event.target.querySelector?.('[data-moment]')) renew(event.target);
}, true);
on('click', (event) => {
  const then = event.target.closest('#send-later [data-later]');
  if (then) {
    document.getElementById('send-later').open = false;
    sendLater(then.dataset.later || document.getElementById('later-until').value);
  }
  const waiting = event.target.closest('[data-later-do]');
  if (waiting) change(waiting);
});
