// Work that comes: cards of what is offered, with a ring that runs out, and taking the next one.
import { desktop, tellOffered } from './notify.js';
import { chime } from './sound.js';
import { openToWrite } from './switch.js';
import { announce, app, fill, fire, fragment, on, post, toast, words } from './words.js';

const TICK_MS = 500;
const GONE_MS = 6000;
const AFTER_END_MS = 1500;
const region = document.getElementById('offers');
const ends = new Map();
const leaving = new Set();
let isFetching = false;
let isStale = false;
let isTaking = false;

const cards = () => [...region.querySelectorAll('[data-offer]')];
const open = () => cards().filter((card) => card.dataset.left);

/** The server says how many seconds are left: clocks of two machines are not compared. */
function keep(card) {
  const { offer, left, name, subject, href, conversation } = card.dataset;
  const isNew = !ends.has(offer);
  ends.set(offer, performance.now() + Number(left) * 1000);
  if (!isNew) return;
  const text = fill(words.offered, { name, n: left });
  announce(text);
  chime('offer');
  const row = document.createElement('a');
  Object.assign(row, { href, textContent: subject });
  row.dataset.conversation = conversation;
  desktop(text, row, `offer-${offer}`);
}

function leave(card) {
  const { offer } = card.dataset;
  ends.delete(offer);
  if (leaving.has(offer)) return;
  leaving.add(offer);
  setTimeout(() => {
    leaving.delete(offer);
    document.querySelector(`#offer-${offer}.gone`)?.remove();
  }, GONE_MS);
}

function tick() {
  for (const card of open()) {
    const left = Math.max(0, (ends.get(card.dataset.offer) - performance.now()) / 1000);
    card.querySelector('.run').style.strokeDashoffset = String(100 - (100 * left) / Number(card.dataset.whole));
    const shown = String(Math.ceil(left));
    const number = card.querySelector('.sec-left');
    if (number.textContent !== shown) number.textContent = shown;
    card.classList.toggle('ending', left <= 5);
  }
}

export async function refresh() {
  isStale = isFetching;
  if (isFetching) return;
  isFetching = true;
  const had = cards().map((card) => card.dataset.offer).join();
  const fresh = await fragment(`${region.dataset.offers}?had=${had}`).catch(() => null);
  isFetching = false;
  if (fresh) {
    const box = document.createElement('div');
    box.append(fresh);
    window.Idiomorph.morph(region, box.innerHTML, { morphStyle: 'innerHTML' });
    const shown = new Set(open().map((card) => card.dataset.offer));
    for (const offer of ends.keys()) if (!shown.has(offer)) ends.delete(offer);
    open().forEach(keep);
    tellOffered(ends.size);
    cards().filter((card) => card.matches('.gone')).forEach(leave);
    tick();
    const first = Math.min(...ends.values());
    if (Number.isFinite(first) && first > performance.now()) setTimeout(refresh, first - performance.now() + AFTER_END_MS);
  }
  if (isStale) refresh();
}

async function ask(url) {
  const answer = await post(url, {}).catch(() => null);
  if (!answer) toast(words.notDone);
  return answer;
}

async function go({ url, told }) {
  await openToWrite(url);
  if (told) fire('told', told);
}

/** Answer what is offered: this card, or the first to run out. `how` is accept or decline. */
export async function answerOffer(how, card = open()[0]) {
  if (!card || card.dataset.busy) return;
  card.dataset.busy = 'yes';
  const answer = await ask(card.dataset[how]);
  delete card.dataset.busy;
  if (answer?.ok && how === 'accept') await go(await answer.json());
  await refresh();
}

/** Take the first of what waits; that nothing does is no error. */
export async function takeNext() {
  if (isTaking) return;
  isTaking = true;
  await takeOne().finally(() => { isTaking = false; });
}

async function takeOne() {
  const answer = await ask(region.dataset.next);
  if (!answer) return;
  const said = answer.headers.get('Content-Type')?.includes('json') ? await answer.json() : null;
  if (answer.ok) await go(said);
  else toast(said?.text || words.notDone, null, 'status');
}

if (region) {
  on(`offers-${app.dataset.me}-changed`, refresh);
  on('socket-open', ({ detail }) => detail.wasLost && refresh());
  on('signed-out', () => {
    ends.clear();
    region.replaceChildren();
  });
  setInterval(tick, TICK_MS);
  // A module runs once the page is parsed and the scripts before it have run.
  refresh();
}
