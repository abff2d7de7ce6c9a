// One dialog for all that is asked or explained beside a conversation: its content comes from the address given.
import { fragment, on, toast, words } from './words.js';

const sheet = document.getElementById('sheet');
const body = document.getElementById('sheet-body');
let opener = null;

/** Open the dialog with what this address gives. */
export async function openSheet(url) {
  if (!url || sheet.open) return;
  opener = document.activeElement;
  const fresh = await fragment(url).catch(() => null);
  if (!fresh) return void toast(words.regionFailed);
  body.replaceChildren(fresh);
  window.htmx.process(body);
  sheet.showModal();
  body.querySelector('input, textarea, select')?.focus();
}

/** Open what the page's own button of this name opens; nothing where there is none. */
export const openNamed = (name) => openSheet(document.querySelector(`[data-sheet-name="${name}"]`)?.dataset.sheet);

export const closeSheet = () => sheet.close();

on('click', (event) => {
  const pressed = event.target.closest('[data-sheet]');
  if (pressed) openSheet(pressed.dataset.sheet);
  if (event.target === sheet) closeSheet();
});
// What was done from within is told by the page.
on('told', () => sheet.open && closeSheet());
sheet.addEventListener('close', () => {
  body.replaceChildren();
  if (opener?.isConnected) opener.focus();
});
