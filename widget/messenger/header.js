// The head of a thread: who answers here, how it stands, and what else can be done.
import { call } from './api.js';
import { isSoundOn, setSound } from './announce.js';
import { askFirst } from './dialog.js';
import { avatar, button, h, iconButton } from './dom.js';
import { store } from './store.js';
import { nameOf } from './summary.js';
import { config, t } from './words.js';

/** @param {() => string} id @param {{ back: () => void, close: () => void, complain: (text: string) => void }} go */
export function headerView(id, go) {
  const faces = h('span', { class: 'mw-avs' });
  const title = h('h1', { class: 'semi trunc', dir: 'auto' });
  const line = h('p', { class: 't12 c3 trunc' });
  const menu = h('div', { class: 'mw-menu', hidden: true });
  const more = iconButton(t('more'), 'more', () => toggle(menu.hidden), { 'aria-expanded': 'false', 'aria-haspopup': 'true' });
  const view = h('header', { class: 'mw-h' }, iconButton(t('back'), 'back', go.back), faces, h('div', { class: 'g' }, title, line), more, iconButton(t('close'), 'close', go.close), menu);

  function toggle(isOpen, isByKey = false) {
    menu.hidden = !isOpen;
    more.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) menu.querySelector('button')?.focus();
    else if (isByKey) more.focus();
  }
  view.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || menu.hidden) return;
    event.stopPropagation();
    toggle(false, true);
  });
  view.addEventListener('focusout', ({ relatedTarget }) => {
    if (!menu.hidden && relatedTarget && !menu.contains(relatedTarget) && relatedTarget !== more) toggle(false);
  });

  function end() {
    toggle(false);
    more.focus();
    const done = ({ conversation }) => store.on_conversation({ conversation });
    askFirst(t('endAsk'), t('endYes'), () => call('POST', `conversations/${id()}/end`).then(done, (error) => go.complain(error.message || t('offline'))));
  }

  function sound() {
    setSound(!isSoundOn());
    render();
  }

  function render() {
    const conversation = store.conversations.get(id());
    const others = store.threads.sorted(id()).map((message) => message.author).filter((author) => author.type !== 'contact' && author.type !== 'system');
    const person = others.findLast((author) => author.type === 'agent');
    const bot = others.findLast((author) => author.type === 'bot');
    const here = conversation?.standing?.agent;
    // Who has it now is who answers, though another one wrote last.
    const last = here && others.at(-1)?.type === 'agent' && nameOf(others.at(-1)) !== here ? { type: 'agent', name: here } : others.at(-1);
    faces.replaceChildren(...(bot && last === bot && person ? [avatar(bot), avatar(person)] : [avatar(last ?? null)]));
    title.textContent = last?.type === 'agent' ? nameOf(last) : config.brand;
    const isOver = conversation?.last_seq && conversation.session.state === 'none';
    line.textContent = isOver ? t('over') : last?.type === 'agent' ? config.brand : bot ? `${nameOf(bot)} (${t('ai')})` : t('newHint');
    const items = [];
    if (config.sound) items.push(button({ role: 'switch', 'aria-checked': String(isSoundOn()), onclick: sound }, t('sound'), h('i', { class: 'sw' })));
    if (conversation?.may_end && !store.closing.isClosed) items.push(button({ onclick: end }, t('end')));
    const focused = [...menu.children].indexOf(document.activeElement);
    menu.replaceChildren(...items);
    if (focused >= 0) items[Math.min(focused, items.length - 1)]?.focus();
    more.hidden = !items.length;
    if (!items.length) toggle(false);
  }
  return { view, render, closeMenu: () => toggle(false) };
}
