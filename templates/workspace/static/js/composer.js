// Writing a reply or a note: sent at once, shown at once, kept until the server has it.
import { tell } from './socket.js';
import { lastSeq } from './thread.js';
import { app, fill, makeId, post, toast, words } from './words.js';

const DRAFT_EVERY_MS = 2000;
const TYPING_EVERY_MS = 3000;
const EMOJI = '😀 😊 😂 😍 🤔 😅 😢 🙏 👍 👎 👏 💪 🎉 ❤️ 🔥 ✅ ❌ ⭐ 📦 🚚 💳 ⏰ 👋 🙇'.split(' ');
const id = document.getElementById('conversation')?.dataset.conversation;
let draftTimer = 0;
let typedAt = 0;
let attachment = null;
let heldAt = null;

const $ = (name) => document.getElementById(name);
const audience = () => $('composer').querySelector('.box').dataset.audience;

export function choose(kind) {
  const box = $('composer')?.querySelector('.box');
  if (!box) return;
  box.dataset.audience = kind;
  for (const tab of box.querySelectorAll('[role=tab]')) tab.setAttribute('aria-selected', String(tab.dataset.audience === kind));
  $('reply').placeholder = kind === 'internal' ? $('reply').dataset.note : $('reply').dataset.reply;
  $('reply').focus();
}

export function send() {
  const text = $('reply').value.trim();
  if (!text && !attachment) return;
  const fields = { text, audience: audience(), client_id: makeId(), seen_seq: heldAt ?? lastSeq() };
  if (attachment) fields.attachment = attachment.id;
  heldAt = null;
  $('held').hidden = true;
  $('reply').value = '';
  $('attached').textContent = '';
  const shown = attachment?.name;
  attachment = null;
  clearTimeout(draftTimer);
  deliver(fields, showPending(fields, shown));
}

function showPending(fields, name) {
  const row = document.createElement('div');
  row.className = `m-msg out agent${fields.audience === 'internal' ? ' note' : ''}`;
  row.setAttribute('role', 'listitem');
  row.dataset.clientId = fields.client_id;
  row.innerHTML = '<div class="body"><div class="m-bub pending" dir="auto"></div><span class="m-rcpt"></span></div>';
  row.querySelector('.m-bub').textContent = fields.text || name;
  $('pending').append(row);
  setTimeout(() => { if (row.isConnected && !row.dataset.failed) row.querySelector('.m-rcpt').textContent = words.sending; }, 1000);
  return row;
}

async function deliver(fields, row) {
  let answer = null;
  try {
    answer = await post($('composer').dataset.post, fields);
  } catch {
    return failed(fields, row, words.failed);
  }
  if (answer.status === 201) return document.body.dispatchEvent(new CustomEvent(`conversation-${id}-changed`));
  const { error } = await answer.json().catch(() => ({ error: { title: words.failed } }));
  if (error.code === 'new_messages_arrived') return hold(fields, row, error);
  return failed(fields, row, error.title);
}

function hold(fields, row, error) {
  row.remove();
  $('reply').value = fields.text;
  heldAt = error.limit;
  $('held').textContent = words.held;
  $('held').hidden = false;
  document.body.dispatchEvent(new CustomEvent(`conversation-${id}-changed`));
  $('reply').focus();
}

function failed(fields, row, reason) {
  row.dataset.failed = '1';
  row.querySelector('.m-bub').classList.add('failed');
  const retry = document.createElement('button');
  retry.type = 'button';
  retry.className = 'link';
  retry.textContent = words.retry;
  retry.onclick = () => {
    delete row.dataset.failed;
    row.querySelector('.m-bub').classList.remove('failed');
    row.querySelector('.m-rcpt').textContent = words.sending;
    deliver(fields, row);
  };
  row.querySelector('.m-rcpt').replaceChildren(`${reason} · `, retry);
}

async function attach(file) {
  if (!file) return;
  $('attached').textContent = fill(words.uploading, { name: file.name });
  const answer = await post($('composer').dataset.upload, { file, conversation: id }).catch(() => null);
  const body = await answer?.json().catch(() => null);
  attachment = answer?.ok ? body : null;
  $('attached').textContent = attachment ? `📎 ${attachment.name}` : '';
  if (!attachment) toast(body?.error?.title || words.failed);
  $('file').value = '';
}

function typed() {
  clearTimeout(draftTimer);
  draftTimer = setTimeout(() => post($('composer').dataset.draft, { text: $('reply').value, audience: audience() }).catch(() => {}), DRAFT_EVERY_MS);
  suggestColleagues();
  if (Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  tell({ type: 'typing', conversation: id, state: $('reply').value ? 'start' : 'stop', audience: audience() });
}

function suggestColleagues() {
  const before = $('reply').value.slice(0, $('reply').selectionStart);
  const wanted = audience() === 'internal' && before.match(/@([^@\n]{0,40})$/);
  const names = wanted ? [...$('colleagues').options].map((each) => each.value).filter((name) => name.toLowerCase().startsWith(wanted[1].toLowerCase())) : [];
  $('mentions').hidden = !names.length;
  $('mentions').replaceChildren(...names.map((name) => {
    const row = document.createElement('button');
    row.type = 'button';
    row.className = 'm-mi';
    row.setAttribute('role', 'option');
    row.textContent = name;
    row.onclick = () => {
      $('reply').setRangeText(`@${name} `, before.length - wanted[0].length, before.length, 'end');
      $('mentions').hidden = true;
      $('reply').focus();
    };
    return row;
  }));
}

document.body.addEventListener('submit', (event) => {
  if (event.target.id !== 'composer') return;
  event.preventDefault();
  send();
});
document.body.addEventListener('input', (event) => event.target.id === 'reply' && typed());
document.body.addEventListener('keydown', (event) => {
  if (event.target.id !== 'reply' || event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return;
  const isMod = event.metaKey || event.ctrlKey;
  if (!isMod && (app.dataset.enter !== 'yes' || event.shiftKey)) return;
  event.preventDefault();
  send();
});
document.body.addEventListener('click', (event) => {
  const tab = event.target.closest('#composer [role=tab]');
  if (tab) choose(tab.dataset.audience);
  if (event.target.closest('[data-do=attach]')) $('file').click();
});
document.body.addEventListener('change', (event) => event.target.id === 'file' && attach(event.target.files[0]));
document.body.addEventListener('paste', (event) => event.target.id === 'reply' && attach(event.clipboardData.files[0]));
document.body.addEventListener('dragover', (event) => event.target.closest?.('.thread') && event.preventDefault());
document.body.addEventListener('drop', (event) => {
  if (!event.target.closest?.('.thread') || !$('composer')) return;
  event.preventDefault();
  attach(event.dataTransfer.files[0]);
});
document.body.addEventListener('htmx:afterSettle', () => {
  if (!$('emoji') || $('emoji').children.length) return;
  for (const each of EMOJI) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = each;
    button.onclick = () => {
      $('reply').setRangeText(each, $('reply').selectionStart, $('reply').selectionEnd, 'end');
      button.closest('details').open = false;
      $('reply').focus();
    };
    $('emoji').append(button);
  }
});
