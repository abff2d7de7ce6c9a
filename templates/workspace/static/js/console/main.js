// The console: copying, the drawer on a phone, the theme, and finding a page by name.
import { startSearch } from './search.js';
import { startConditions } from './conditions.js';
import { startFiles } from './attach.js';
import { startFields } from './fields.js';
import { startHours } from './hours.js';
import { startLists } from './lists.js';
import { startShares } from './shares.js';
import { startPicks } from './picks.js';
import { startSteps } from './steps.js';

const say = document.getElementById('announcer');

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    say.textContent = button.dataset.done;
    button.classList.add('done');
    setTimeout(() => button.classList.remove('done'), 2000);
  } catch {
    // No clipboard on plain http: mark the text, so that the person's own copy key takes it.
    getSelection().selectAllChildren(source);
    say.textContent = button.dataset.mark;
  }
});

const shell = document.querySelector('.m-adm');
const opener = document.getElementById('drawer');
function drawer(isOpen) {
  shell.classList.toggle('open', isOpen);
  opener.setAttribute('aria-expanded', String(isOpen));
  if (isOpen) shell.querySelector('.m-adm-n a').focus();
  else opener.focus();
}
opener?.addEventListener('click', () => drawer(!shell.classList.contains('open')));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && shell?.classList.contains('open')) drawer(false);
});
shell?.addEventListener('click', (event) => {
  if (event.target === shell && shell.classList.contains('open')) drawer(false);
});

// The answer of a preference has no page of its own: the one that is open is read anew.
document.querySelector('[data-theme-form]')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = new FormData(event.target, event.submitter);
  const answer = await fetch(event.target.action, { method: 'POST', body });
  if (answer.ok) location.reload();
});

for (const message of document.querySelectorAll('.errornote, .errorlist')) message.setAttribute('role', 'alert');
// What is an alert is no list any more, and its lines are no items of one.
for (const line of document.querySelectorAll('.errorlist > li')) line.setAttribute('role', 'none');
startSearch();
startFields();
startHours();
startShares();
startPicks();
startLists();
// What is wrong is where the keyboard goes first.
document.querySelector('.form-row.errors :is(input, select, textarea):not([type="hidden"])')?.focus();
startConditions();
startSteps();
startFiles();
