// A rating in the thread: faces, numbers or words to choose from, then reasons and a comment; sent as one, and changed as long as it may be.
import { button, h, spoken } from './dom.js';
import { icon } from './icons.js';
import { t } from './words.js';

const COMMENT_CHARS = 1000;
// Worst first.
const FACES = { 2: ['frown', 'smile'], 3: ['frown', 'meh', 'smile'], 5: ['frown', 'frown2', 'meh', 'smile', 'grin'] };
const NAMES = { 2: ['rateBad', 'rateGood'], 3: ['rateBad', 'rateOkay', 'rateGood'], 5: ['rateVeryBad', 'rateBad', 'rateOkay', 'rateGood', 'rateGreat'] };
/** What was chosen and not sent yet, by message: the thread may be drawn anew meanwhile. @type {Map<string, any>} */
const begun = new Map();
/** What was answered, told to the view of each message that stands in the thread now. @type {Map<string, (content: any) => void>} */
const settled = new Map();

/** @param {any} message @param {import('./content.js').Hands} hands */
export function ratingView(message, hands) {
  const { scale, text, look, words = [] } = message.content;
  const names = words.length ? words : NAMES[scale].map((name) => t(name));
  const sign = { numbers: (index) => h('b', {}, String(index + 1)), words: () => null }[look] || ((index) => icon(FACES[scale][index]));
  const id = `rate-${message.id}`;
  const view = h('div', { class: 'mw-csat', role: 'group', 'aria-labelledby': id });
  const draw = () => view.replaceChildren(h('div', { class: 'semi', id, dir: 'auto' }, text), ...partsOf());

  function partsOf() {
    const { answer, closed, until } = message.content;
    const isOver = closed || new Date(until) <= new Date();
    const given = begun.get(message.id);
    if (given && !isOver) return formOf(given);
    if (answer) return doneOf(answer, isOver);
    return isOver ? [h('p', { class: 't12 c3' }, t('rateOver'))] : [pointsOf(0)];
  }

  function pointsOf(score) {
    const points = names.map((name, index) => {
      const props = { dir: 'auto', 'aria-pressed': String(score === index + 1), onclick: () => choose(index + 1) };
      return button(props, sign(index), look === 'words' ? name : spoken(` ${name}`));
    });
    if (look === 'words') return h('div', { class: 'mw-faces w' }, ...points);
    const ends = [names[0], names.at(-1)].map((name) => h('span', { dir: 'auto' }, name));
    return h('div', {}, h('div', { class: 'mw-faces' }, ...points), h('div', { class: 'mw-ends t12 c3', 'aria-hidden': 'true' }, ...ends));
  }

  function choose(score) {
    begun.set(message.id, { reasons: [], comment: '', ...message.content.answer, ...begun.get(message.id), score });
    draw();
    view.querySelectorAll('.mw-faces button')[score - 1]?.focus();
  }

  function formOf(given) {
    const { reasons, low } = message.content;
    const chip = (reason) => {
      const view = button({ 'aria-pressed': String(given.reasons.includes(reason)), dir: 'auto', onclick: () => {
        given.reasons = given.reasons.includes(reason) ? given.reasons.filter((each) => each !== reason) : [...given.reasons, reason];
        view.setAttribute('aria-pressed', String(given.reasons.includes(reason)));
      } }, reason);
      return view;
    };
    const area = h('textarea', { class: 'mw-in', id: `${id}-more`, rows: 2, maxLength: COMMENT_CHARS, dir: 'auto' });
    area.value = given.comment;
    area.addEventListener('input', () => (given.comment = area.value));
    const trouble = h('div', { class: 'er', role: 'alert' });
    const send = button({ class: 'mw-btn', onclick: () => submit(given, send, trouble) }, t('rateSend'));
    const isLow = given.score <= low && reasons.length;
    return [
      pointsOf(given.score),
      isLow ? h('div', { class: 'mw-chips', role: 'group', 'aria-label': t('rateWhy') }, ...reasons.map(chip)) : null,
      h('div', { class: 'mw-f' }, h('label', { for: area.id }, t('rateMore')), area),
      trouble,
      send,
    ].filter(Boolean);
  }

  function doneOf(answer, isOver) {
    const index = answer.score - 1;
    const chosen = h('div', { class: 'mw-rated', role: 'status' }, sign(index), h('span', { dir: 'auto' }, names[index]), spoken(t('rateThanks')));
    const said = [...answer.reasons, answer.comment].filter(Boolean).join(' · ');
    const again = isOver ? null : button({ class: 'mw-link', onclick: () => choose(answer.score) }, t('rateChange'));
    return [chosen, said ? h('p', { class: 't12 c3', dir: 'auto' }, said) : null, h('p', { class: 't12 c3', 'aria-hidden': 'true' }, t('rateThanks')), again].filter(Boolean);
  }

  async function submit({ score, reasons, comment }, send, trouble) {
    send.disabled = true;
    try {
      const content = await hands.rate(message, { score, reasons: score <= message.content.low ? reasons : [], comment });
      begun.delete(message.id);
      settled.get(message.id)?.(content);
    } catch (error) {
      send.disabled = false;
      trouble.replaceChildren(icon('alert', 's'), error.message && error.status ? error.message : t('offline'));
    }
  }

  settled.set(message.id, (content) => {
    message.content = content;
    draw();
    view.querySelector('.mw-link')?.focus();
  });
  draw();
  return view;
}
