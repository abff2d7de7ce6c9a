// The dialog of a view of one's own: its form comes from the server, and its conditions from the editor's script.
import { startConditions } from './console/conditions.js';
import { on } from './words.js';

const dialog = document.getElementById('view-form');

on('htmx:afterSwap', ({ detail: { target } }) => {
  if (target !== dialog) return;
  startConditions(dialog);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector('[aria-invalid=true], .m-input')?.focus();
});
on('click', (event) => {
  if (event.target.closest('[data-do=close-dialog]') || event.target === dialog) dialog.close();
});
