// A change that did not reach the server: the page says so, shows again what is stored, and offers to try once more.
import { current, fire, on, toast, words } from './words.js';

let shown = null;

/** What a control holds, as far as a person can change it. */
const value = (control) => (control.type === 'checkbox' ? control.checked : control.value);

/** Give a control back what the server gave it. */
function restore(control) {
  if (control.matches('select')) {
    const options = [...control.options];
    (options.find((option) => option.defaultSelected) || options[0]).selected = true;
  } else if (control.type === 'checkbox') {
    control.checked = control.defaultChecked;
  } else {
    control.value = control.defaultValue;
  }
}

/** Do what failed again: a control with the value it was given, anything else as if pressed. */
function again(failed, given) {
  const element = (failed.id && document.getElementById(failed.id)) || failed;
  if (!element.isConnected) return;
  if (given === undefined) {
    if (element.matches('form')) element.requestSubmit();
    else element.click();
    return;
  }
  if (element.type === 'checkbox') element.checked = given;
  else element.value = given;
  element.dispatchEvent(new Event('change', { bubbles: true }));
}

function tell(text, { elt, requestConfig }) {
  if (!requestConfig || requestConfig.verb === 'get') return;
  const isControl = elt.matches('select, textarea, input:not([type=radio], [type=hidden])');
  const given = isControl ? value(elt) : undefined;
  if (isControl) restore(elt);
  shown?.remove();
  shown = toast(text, { text: words.retry, run: () => again(elt, given) });
}

for (const name of ['htmx:sendError', 'htmx:timeout']) on(name, ({ detail }) => tell(words.notSaved, detail));
// The server answered, but could not do it.
on('htmx:responseError', ({ detail }) => tell(words.notDone, detail));
// What others changed meanwhile, and what came through though its answer was lost, shows once the line is back.
on('socket-open', ({ detail: { wasLost } }) => wasLost && current() && fire(`ticket-${current()}-changed`));
