// The one banner: silent for 2 s, amber with the next try, red after 2 minutes, green for 3 s when the line is back.
import { flush, takeWentOut, waiting } from './outbox.js';
import { open } from './socket.js';
import { button, fill, fire, isSignedOut, on, words } from './words.js';

const QUIET_MS = 2000;
const LONG_MS = 120_000;
const BACK_MS = 3000;
const banner = document.getElementById('banner');
let lostAt = 0;
let nextAt = 0;
let ticking = 0;
let isShown = false;

function show(kind, text, act = null) {
  const row = document.createElement('div');
  row.className = `m-banner ${kind}`;
  row.append(text);
  if (act) row.append(act);
  banner.replaceChildren(row);
}

function tick() {
  const away = Date.now() - lostAt;
  if (!lostAt || away < QUIET_MS) return;
  const seconds = Math.max(0, Math.ceil((nextAt - Date.now()) / 1000));
  const text = away < LONG_MS ? fill(words.offline, { n: seconds }) : fill(words.offlineLong, { n: waiting() });
  // The words change each second, the button does not: it may have the focus.
  const row = banner.firstElementChild;
  if (isShown && row) {
    row.firstChild.textContent = text;
    row.classList.toggle('danger', away >= LONG_MS);
  } else {
    show(away < LONG_MS ? '' : 'danger', text, button(words.tryNow, open, 'm-btn sm'));
  }
  isShown = true;
  document.body.classList.add('offline');
}

/** Nothing is sent or heard of until somebody signs in; the way there leads back to this page. */
function askToSignIn() {
  if (isSignedOut()) return;
  clearInterval(ticking);
  document.body.classList.remove('offline');
  document.body.classList.add('signed-out');
  const way = Object.assign(document.createElement('a'), { className: 'm-btn sm', textContent: words.toSignIn });
  way.href = `${words.signInUrl}?next=${encodeURIComponent(location.pathname)}`;
  show('danger', words.signedOut, way);
  banner.setAttribute('role', 'alert');
}

on('signed-out', askToSignIn);
// The page stays as it is: what is written in it would be gone with it.
on('htmx:beforeOnLoad', (event) => {
  if (event.detail.xhr.status !== 401) return;
  event.preventDefault();
  fire('signed-out');
});
on('socket-lost', ({ detail }) => {
  lostAt ||= Date.now();
  nextAt = detail.nextAt;
  clearInterval(ticking);
  ticking = setInterval(tick, 500);
});

on('socket-open', async () => {
  clearInterval(ticking);
  lostAt = 0;
  document.body.classList.remove('offline');
  await flush();
  const sent = takeWentOut();
  if (!isShown) return;
  isShown = false;
  show('ok', sent ? fill(words.backSent, { n: sent }) : words.back);
  setTimeout(() => { if (!isShown) banner.replaceChildren(); }, BACK_MS);
});
