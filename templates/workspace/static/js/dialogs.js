// Dialogs: a question before what cannot be taken back, a picture at full size, and forms of their own.
import { on } from './words.js';

const ask = document.getElementById('ask');
const preview = document.getElementById('preview');

on('htmx:confirm', (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  document.getElementById('ask-text').textContent = event.detail.question;
  document.getElementById('ask-yes').textContent = event.target.dataset.yes || document.getElementById('ask-yes').textContent;
  ask.returnValue = 'no';
  ask.onclose = () => ask.returnValue === 'yes' && event.detail.issueRequest(true);
  ask.showModal();
  document.getElementById('ask-yes').focus();
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
  if (event.target === preview || event.target === ask) event.target.close('no');
});
// A form in a dialog of its own closes when what it asked for was done, and stays with what was wrong.
on('htmx:afterRequest', ({ detail: { elt, successful } }) => {
  if (successful && elt.matches('form:popover-open')) elt.hidePopover();
});
