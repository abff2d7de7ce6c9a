// Many rows of the list at once: boxes and keys select them, the bar over them says what to do.
import { ask } from './dialogs.js';
import { fill, fire, on, post, refused, toast, words } from './words.js';

const MOST = 100;
const selected = new Set();
let anchor = '';
let isRunning = false;

const bar = () => document.getElementById('bulk');
const boxes = () => [...document.querySelectorAll('#rows .pick')];

/** Show what is selected: the boxes, and the bar once there is anything. Rows that left the list are no longer it. */
function show() {
  const shown = new Set(boxes().map((box) => box.value));
  for (const id of selected) if (!shown.has(id)) selected.delete(id);
  for (const box of boxes()) box.checked = selected.has(box.value);
  if (!bar()) return;
  const isEmpty = !selected.size;
  document.getElementById('list').classList.toggle('picking', !isEmpty);
  if (!isEmpty && !bar().childElementCount) window.htmx.trigger(bar(), 'bulk-wanted');
  bar().hidden = isEmpty;
  const count = document.getElementById('bulk-count');
  if (count && !isEmpty) count.textContent = fill(words.selected, { n: selected.size });
}

function set(id, isOn) {
  if (!isOn) selected.delete(id);
  else if (selected.size < MOST) selected.add(id);
  else toast(fill(words.mostSelected, { n: MOST }));
}

/** Select a row or not; with `toAnchor`, all from the last one that was chosen up to it. */
function choose(id, isOn, toAnchor) {
  const ids = boxes().map((box) => box.value);
  const [from, to] = [ids.indexOf(anchor), ids.indexOf(id)];
  const range = toAnchor && from >= 0 ? ids.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
  for (const each of range) set(each, isOn);
  anchor = id;
  show();
}

function clear() {
  const inBar = bar()?.contains(document.activeElement);
  selected.clear();
  show();
  if (inBar) (document.querySelector('[data-row][aria-current]') || document.querySelector('[data-row]'))?.focus();
}

/** Select the row that has the focus, or the open one. */
export function pickRow(event) {
  const row = document.activeElement.closest?.('.conv-w') || document.querySelector('[data-row][aria-current]')?.closest('.conv-w');
  const box = row?.querySelector('.pick');
  if (box) choose(box.value, event.shiftKey || !selected.has(box.value), event.shiftKey);
}

export const toBar = () => document.getElementById('bulk-do')?.focus();

/** Show what a field of the brand's own is filled in with, or nothing. */
function offerValue(entry) {
  const made = entry ? [document.getElementById(entry).content.cloneNode(true)] : [];
  document.getElementById('bulk-value').replaceChildren(...made);
}

/** One at a time: the second half of a double click changes nothing more. */
async function run(form) {
  if (isRunning || !selected.size) return;
  isRunning = true;
  form.setAttribute('aria-busy', 'true');
  await change(form).finally(() => {
    isRunning = false;
    form.removeAttribute('aria-busy');
  });
}

async function change(form) {
  const body = new FormData(form);
  for (const id of selected) body.append('ticket', id);
  const fields = new URLSearchParams(body);
  const answer = await post(form.dataset.url, {}, { body: fields }).catch(() => null);
  if (!answer?.ok) return answer ? refused(answer) : toast(words.notSaved);
  clear();
  form.reset();
  document.getElementById('bulk-tag').hidden = true;
  offerValue();
  return fire('told', (await answer.json()).told);
}

on('click', (event) => {
  const box = event.target.closest('#rows .pick');
  if (box) choose(box.value, box.checked, event.shiftKey);
  if (event.target.closest('#bulk-none')) clear();
  if (event.target.closest('#bulk-all')) {
    for (const each of boxes().slice(0, MOST)) if (selected.size < MOST) selected.add(each.value);
    show();
  }
});
on('change', (event) => {
  if (event.target.id !== 'bulk-do') return;
  const tag = document.getElementById('bulk-tag');
  tag.hidden = !event.target.value.endsWith('_tag:');
  tag.required = !tag.hidden;
  offerValue(event.target.selectedOptions[0].dataset.entry);
});
on('submit', (event) => {
  if (event.target.id !== 'bulk-form') return;
  event.preventDefault();
  const question = document.getElementById('bulk-do').selectedOptions[0].dataset.confirm;
  if (question) ask(question, words.yesClose, () => run(event.target));
  else run(event.target);
});
// Esc gives the rows free before it does anything else in the list.
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !selected.size || event.isComposing || !event.target.closest?.('#list, body:not(dialog)') || event.target.closest('dialog, #composer')) return;
  event.preventDefault();
  clear();
}, true);
on('list-marked', show);
on('htmx:afterSwap', (event) => event.detail.target?.id === 'bulk' && show());
on('switched', show);
