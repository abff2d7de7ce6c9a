// Two dialogs: a question before what cannot be taken back, and a picture at full size.
import { on } from './words.js';

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
  ask(event.detail.question, event.target.dataset.yes, () => event.detail.issueRequest(true));
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
