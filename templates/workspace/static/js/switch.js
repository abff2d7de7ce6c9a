// Another conversation or view in the same page: one fragment, the address, and the socket stays open.
import { preload } from './preload.js';
import { current, fire, on, toast, words } from './words.js';

let asked = null;

/** Another conversation is on its way: what is still on screen takes nothing any more, or it would go to the wrong one.
 * One that is opened to be answered is on its way until its composer is there: what is typed is not for the shortcuts. */
export const isSwitching = () => Boolean(document.getElementById('opened')?.matches('[inert], [data-writes]'));

function hold(isHeld) {
  const opened = document.getElementById('opened');
  if (opened) opened.inert = isHeld;
}

function places(url) {
  const [, view, conversation] = new URL(url, location.href).pathname.match(/^\/workspace\/inbox\/([^/]+)\/(?:([^/]+)\/)?$/) || [];
  return view ? { view, conversation: conversation || '' } : null;
}

function settle(main, url) {
  document.getElementById('app').classList.toggle('has-thread', Boolean(current()));
  document.body.classList.remove('show-views', 'show-side');
  document.title = `${main.dataset.title} · Madang`;
  for (const next of document.querySelectorAll('form [name=next]')) next.value = new URL(url, location.href).pathname;
  fire('switched');
}

/** Open a view or a conversation of the inbox by its address. Leaves the page where the inbox is not on it. */
export async function openUrl(url, { push = true } = {}) {
  const [to, main] = [places(url), document.getElementById('main')];
  if (!to || !main?.dataset.view) return location.assign(url);
  asked?.abort();
  asked = new AbortController();
  const region = to.view === main.dataset.view ? 'opened' : 'main';
  preload(url);
  hold(to.conversation !== current());
  let answer = null;
  try {
    answer = await fetch(url, { headers: { 'HX-Request': 'true', 'HX-Target': region }, signal: asked.signal });
    const html = await answer.text();
    if (answer.headers.get('HX-Redirect')) return location.assign(answer.headers.get('HX-Redirect'));
    fire('before-switch');
    if (answer.ok) {
      window.htmx.swap(`#${region}`, html, { swapStyle: 'outerHTML' });
    } else {
      window.htmx.swap('#opened', html, { swapStyle: 'innerHTML' });
      hold(false);
    }
    if (push) history.pushState({ place: url }, '', url);
    settle(document.getElementById('main'), url);
  } catch (error) {
    if (error.name === 'AbortError') return undefined;
    hold(false);
    toast(words.regionFailed, { text: words.retry, run: () => openUrl(url, { push }) });
  }
  return undefined;
}

/** Open a conversation, with the cursor in its composer once there is one. */
export async function openToWrite(url) {
  await openUrl(url);
  const opened = document.getElementById('opened');
  if (!document.getElementById('composer')) opened.dataset.writes = '';
  else document.getElementById('reply').focus();
}

on('thread-loaded', () => {
  const opened = document.querySelector('#opened[data-writes]');
  if (!opened) return;
  delete opened.dataset.writes;
  if (!document.activeElement?.closest('input, textarea, dialog')) (document.getElementById('reply') || document.getElementById('thread-head'))?.focus();
});
on('click', (event) => {
  const link = event.target.closest('a[data-opens]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  link.closest('dialog')?.close();
  openUrl(link.href);
});
addEventListener('popstate', () => openUrl(location.href, { push: false }));
