// "@" in a note offers colleagues.
import { audience } from './composer.js';
import { suggest } from './suggest.js';

const SHOWN = 6;
const reply = () => document.getElementById('reply');

/** What is typed after the last "@", or null. */
function wanted() {
  const before = reply().value.slice(0, reply().selectionStart);
  return audience() === 'internal' ? before.match(/(?:^|\s)@([^@\n]{0,40})$/)?.[1] ?? null : null;
}

function take(row) {
  const end = reply().selectionStart;
  reply().setRangeText(`@${row.textContent} `, end - wanted().length - 1, end, 'end');
  reply().focus();
  reply().dispatchEvent(new Event('input', { bubbles: true }));
}

function offers() {
  const typed = wanted();
  const names = typed === null ? [] : [...document.getElementById('colleagues').options].map((each) => each.value)
    .filter((name) => name.toLowerCase().split(/\s+/).concat(name.toLowerCase()).some((part) => part.startsWith(typed.toLowerCase()))).slice(0, SHOWN);
  return names.map((name) => {
    const row = document.createElement('button');
    row.type = 'button';
    row.className = 'm-mi';
    row.tabIndex = -1;
    row.setAttribute('role', 'option');
    row.textContent = name;
    return row;
  });
}

suggest({ name: 'mentions', offers, take });
