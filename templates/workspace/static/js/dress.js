// Dresses the rows of a thread: runs of one sender, receipts, what was chosen and answered.
import { copy, fill, words } from './words.js';

const RUN_S = 120;

function follows(row, before) {
  return before?.classList.contains('m-msg')
    && row.dataset.author === before.dataset.author
    && row.dataset.audience === before.dataset.audience
    && Number(row.dataset.at) - Number(before.dataset.at) < RUN_S;
}

function receipt(row, marks) {
  const seq = Number(row.dataset.seq);
  const last = marks.waits === undefined ? 'sent' : 'waiting';
  const state = seq <= Number(marks.readSeq) ? 'read' : seq <= Number(marks.deliveredSeq) ? 'delivered' : last;
  if (row.dataset.receipt === state) return;
  row.querySelector('.m-rcpt')?.remove();
  row.querySelector('.body').append(copy(`receipt-${state}`));
  row.dataset.receipt = state;
}

/** The customer pressed a quick reply: the newest one above with this payload is ticked. */
function tick(rows, at) {
  const choice = rows.slice(0, at).reverse().map((row) => row.querySelector(`[data-choice="${CSS.escape(rows[at].dataset.payload)}"]`)).find(Boolean);
  if (!choice || choice.classList.contains('on')) return;
  choice.className = 'on';
  choice.prepend('✓ ');
}

function fillForm(row) {
  const form = document.querySelector(`#messages [data-message="${CSS.escape(row.dataset.answers)}"] [data-form]`);
  if (form) form.querySelector('.form-state').textContent = fill(words.answered, { n: row.dataset.count, m: form.dataset.fields });
}

export function dress() {
  const marks = document.getElementById('log').dataset;
  const all = [...document.querySelectorAll('#messages > [role=listitem]')];
  all.forEach((row, at) => row.classList.contains('m-msg') && row.classList.toggle('cont', Boolean(follows(row, all[at - 1]))));
  const rows = all.filter((row) => row.classList.contains('m-msg'));
  rows.forEach((row, at) => {
    const isOurs = row.dataset.kind !== 'contact' && row.dataset.audience === 'public';
    if (isOurs && !rows[at + 1]?.classList.contains('cont')) receipt(row, marks);
    else if (row.dataset.receipt) { row.querySelector('.m-rcpt').remove(); delete row.dataset.receipt; }
    if (row.dataset.payload) tick(rows, at);
    if (row.dataset.answers) fillForm(row);
  });
}
