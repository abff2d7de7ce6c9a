// The rows of a thread: from messages and waiting entries to what is shown, each with a key and a sign of its state.
import { contentView } from './content.js';
import { avatar, button, h, spoken } from './dom.js';
import { icon } from './icons.js';
import { store } from './store.js';
import { isMine, isWord, nameOf, wordsOf } from './summary.js';
import { config, dayOf, fullOf, t, timeOf } from './words.js';

const TOGETHER_MS = 120000;
const PAUSE_MS = 3600000;
const SOON_MS = 1000;
const SLOW_MS = 10000;

/** A row: `key` names it, `sign` changes when it must be drawn anew.
 * @typedef {{ key: string, sign: string, make: () => HTMLElement }} Row */

/** @param {string} id @param {import('./content.js').Hands} hands @returns {Row[]} */
export function rowsOf(id, hands) {
  const messages = store.threads.sorted(id);
  const waiting = store.outbox.of(id);
  const ends = endsOf(id);
  const rows = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const pause = before ? new Date(message.created_at) - new Date(before.created_at) : Infinity;
    const isNewDay = !before || dayOf(before.created_at) !== dayOf(message.created_at);
    if (isNewDay || pause > PAUSE_MS) rows.push(momentRow(message, isNewDay));
    const isLast = index === messages.length - 1 && !waiting.length;
    rows.push(isMine(message) ? mineRow(message, isLast, id, hands) : theirRow(message, before, pause, hands));
    const next = messages[index + 1]?.seq ?? Infinity;
    ends.filter((end) => end.after >= message.seq && end.after < next).forEach((end) => rows.push(endRow(end)));
  });
  const answered = new Set(messages.map((message) => message.client_id).filter(Boolean));
  rows.push(...waiting.filter((entry) => !answered.has(entry.client_id)).map((entry) => waitingRow(entry, hands)));
  const typing = store.typing.get(id);
  if (typing) rows.push(typingRow(typing));
  return rows;
}

/** The ends of sessions: those seen happen, and that of a thread whose session has ended before. */
function endsOf(id) {
  const conversation = store.conversations.get(id);
  const seen = store.conversations.ends.get(id) || [];
  // How it went is asked after the end: that begins nothing anew.
  const newest = store.threads.sorted(id).findLast(({ content }) => content.type !== 'rating')?.seq;
  const isOver = conversation?.session.state === 'none' && conversation.session.ended_by && newest;
  if (!isOver || seen.some((end) => end.after >= newest)) return seen;
  return [...seen, { after: newest, by: conversation.session.ended_by }];
}

function endRow({ after, by }) {
  const text = t({ contact: 'endedYou', agent: 'endedTeam' }[by] || 'endedSelf', { name: config.brand });
  return { key: `end${after}`, sign: by, make: () => h('div', { class: 'mw-ev', role: 'listitem' }, text) };
}

function momentRow({ created_at, seq }, isNewDay) {
  const text = isNewDay ? `${dayOf(created_at)} ${timeOf(created_at)}` : timeOf(created_at);
  return { key: `day${seq}`, sign: text, make: () => h('div', { class: 'mw-day', role: 'listitem', title: fullOf(created_at) }, text) };
}

function typingRow(author) {
  const dots = h('span', { class: 'mw-typ', role: 'img', 'aria-label': t('typing', { name: nameOf(author) }) }, h('i'), h('i'), h('i'));
  const make = () => h('div', { class: 'mw-m', role: 'listitem' }, avatar(author), h('div', { class: 'who' }, nameOf(author)), h('div', { class: 'mw-b' }, dots));
  return { key: 'typing', sign: author.name, make };
}

const rowProps = (message, look) => ({ class: look, role: 'listitem', tabindex: -1, 'data-id': message.id, title: fullOf(message.created_at) });

function theirRow(message, before, pause, hands) {
  const { author, content } = message;
  if (content.type === 'rating') {
    const make = () => h('div', rowProps(message, 'mw-rate'), ...contentView(message, hands));
    return { key: message.id, sign: JSON.stringify([content.answer, content.closed]), make };
  }
  if (author.type === 'system') return { key: message.id, sign: '', make: () => h('div', { class: 'mw-ev', ...rowProps(message, 'mw-ev') }, wordsOf(content)) };
  const isNext = Boolean(before) && before.author.type === author.type && before.author.id === author.id && pause < TOGETHER_MS;
  const answers = content.type === 'form' ? hands.answersOf(message) : null;
  const sign = [isNext, content.submitted, answers && JSON.stringify(answers)].join();
  const make = () => {
    const name = nameOf(author);
    const who = h('div', { class: 'who' }, h('span', { dir: 'auto' }, name), author.type === 'bot' ? h('span', { class: 'mw-ai' }, t('ai')) : null, spoken(timeOf(message.created_at)));
    const parts = contentView(message, hands).filter(Boolean).map((part) => h('div', { class: 'mw-part' }, part));
    return h('div', rowProps(message, isNext ? 'mw-m k' : 'mw-m'), avatar(author), isNext ? spoken(`${name} ${timeOf(message.created_at)}`) : who, ...parts);
  };
  return { key: message.id, sign, make };
}

function mineRow(message, isLast, id, hands) {
  const state = t(stateOf(message, store.conversations.get(id)));
  const isFilled = !isWord(message) && hands.isFilledIn(message.content);
  const make = () => {
    const shown = isLast ? h('span', { class: 'mw-rc' }, state) : spoken(state);
    return h('div', rowProps(message, 'mw-me'), spoken(`${t('you')} ${timeOf(message.created_at)}`), ...contentView(message, hands).filter(Boolean), shown);
  };
  return { key: message.client_id || message.id, sign: `${state}${isLast}${isFilled}`, make };
}

function stateOf(message, conversation) {
  const far = conversation?.business || { read_seq: 0, delivered_seq: 0 };
  if (far.read_seq >= message.seq) return 'read';
  return far.delivered_seq >= message.seq ? 'delivered' : 'sent';
}

function waitingRow(entry, hands) {
  const message = { id: entry.client_id, content: entry.content, created_at: entry.at };
  const hasFailed = entry.state === 'failed';
  const age = store.outbox.age(entry);
  const state = store.closing.isClosed ? '' : !store.isOnline ? 'waiting' : age > SLOW_MS ? 'still' : age > SOON_MS ? 'sending' : '';
  const make = () => {
    const view = h('div', rowProps(message, 'mw-me'), spoken(`${t('you')} ${timeOf(entry.at)}`), ...contentView(message, hands).filter(Boolean));
    view.querySelector('.mw-b, .mw-img, .mw-file')?.classList.add(hasFailed ? 'fail' : 'pend');
    if (hasFailed) view.append(failure(entry));
    else view.append(h('span', { class: 'mw-rc' }, ...(state ? [icon('clock', 's'), t(state)] : [])));
    return view;
  };
  return { key: entry.client_id, sign: `${entry.state}${state}${entry.reason}`, make };
}

function failure({ client_id, reason }) {
  return h(
    'span', { class: 'mw-rc fail' },
    h('span', { class: 'why' }, icon('alert', 's'), reason ? `${t('failed')}: ${reason}` : t('failed')),
    button({ onclick: () => store.outbox.retry(client_id) }, t('retry')),
    button({ onclick: () => store.outbox.drop(client_id) }, t('discard')),
  );
}
