// Dialogs: a question before what cannot be taken back, a picture at full size, and forms of their own.
import { of } from './outbox.js';
import { current, on, words } from './words.js';

const box = document.getElementById('ask');
const preview = document.getElementById('preview');

/** Ask before what cannot be taken back; `yes` names the deed. */
export function ask(question, yes, run) {
  document.getElementById('ask-text').textContent = question;
  document.getElementById('ask-yes').textContent = yes || document.getElementById('ask-yes').textContent;
  box.returnValue = 'no';
  box.onclose = () => box.returnValue === 'yes' && run();
  box.showModal();
  document.getElementById('ask-yes').focus();
}

on('htmx:confirm', (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  const unsent = of(current()).length ? `${words.unsentFirst} ` : '';
  ask(unsent + event.detail.question, event.target.dataset.yes, () => event.detail.issueRequest(true));
});
on('click', (event) => {
  const link = event.target.closest('[data-do=preview]');
  if (link && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    const picture = document.getElementById('preview-picture');
    picture.src = link.href;
    picture.alt = link.querySelector('img').alt;
    document.getElementById('preview-open').href = link.href;
    preview.showModal();
  }
  if (event.target === preview || event.target === box) event.target.close('no');
});
// A form in a dialog of its own closes when what it asked for was done, and stays with what was wrong.
on('htmx:afterRequest', ({ detail: { elt, successful } }) => {
  if (successful && elt.matches('form:popover-open')) elt.hidePopover();
});
// Back leaves what stands over the page, too; a question is then answered with no.
addEventListener('popstate', () => {
  for (const open of document.querySelectorAll('dialog[open]')) open.close();
  for (const open of document.querySelectorAll(':popover-open')) open.hidePopover();
});
