// One conversation: its head, its log, and what can be done in it.
import { call } from './api.js';
import { isQuick } from './cards.js';
import { composerView } from './composer.js';
import { button, h, iconButton, safeLink } from './dom.js';
import { headerView } from './header.js';
import { logView } from './log.js';
import { isLocal } from './outbox.js';
import { rowsOf } from './rows.js';
import { standingView } from './standing.js';
import { store } from './store.js';
import { isMine, isWord } from './summary.js';
import { skeleton, troubleView } from './waiting.js';
import { t } from './words.js';

/** @param {string} openedId @param {{ back: () => void, close: () => void, isShown: () => boolean }} go */
export function threadView(openedId, go) {
  let id = openedId;
  let hasEarlier = false;
  let isLoading = false;
  const header = headerView(() => id, { ...go, complain });
  const alerts = h('div', { role: 'alert' });
  const log = logView({ onTop: earlier, onBottom: mark });
  const composer = composerView(() => id, { onSend: () => log.toEnd() });
  const standing = standingView(() => id);
  const view = h('div', { class: 'mw-p' }, header.view, alerts, log.view, standing.view, composer.view);
  const off = new AbortController();

  const hands = {
    answer: (content) => store.outbox.add(id, content),
    async press(message, action) {
      if (action.type === 'reply') store.outbox.add(id, { type: 'text', text: action.text, payload: action.payload });
      if (action.type === 'locationRequest') shareLocation();
      if (action.type !== 'postback' || store.closing.isClosed) return;
      await call('POST', `conversations/${id}/postback`, { message: message.id, payload: action.payload }).catch((error) => {
        complain(error.message || t('offline'));
        throw error;
      });
    },
    async rate(message, answer) {
      const { message: fresh } = await call('POST', `conversations/${id}/rating`, { message: message.id, ...answer });
      return fresh.content;
    },
    answersOf(message) {
      const all = [...store.threads.of(id).values(), ...store.outbox.of(id).filter((entry) => entry.state !== 'failed')];
      return all.find((each) => each.content.quotedMessageId === message.id)?.content.fields ?? null;
    },
    isFilledIn(content) {
      const form = [...store.threads.of(id).values()].find((each) => each.id === content.quotedMessageId);
      return Boolean(form && hands.answersOf(form));
    },
  };

  function complain(text) {
    const bar = h('div', { class: 'mw-bn' }, h('span', { class: 'g' }, text), iconButton(t('close'), 'close', () => bar.remove()));
    alerts.replaceChildren(bar);
  }

  function shareLocation() {
    const given = ({ coords }) => store.outbox.add(id, { type: 'location', coordinates: { lat: coords.latitude, long: coords.longitude } });
    if (navigator.geolocation) navigator.geolocation.getCurrentPosition(given, () => complain(t('noLocation')));
    else complain(t('noLocation'));
  }

  function render() {
    // The answers to a form belong to the form: what was asked beside it is still open.
    const last = store.threads.sorted(id).findLast(isWord);
    const isAsked = Boolean(last) && !isMine(last) && !hands.answersOf(last) && !store.outbox.of(id).some(isWord);
    const quick = isAsked && !store.closing.isClosed ? (last.content.actions || []).filter(isQuick) : [];
    const sign = quick.length ? last.id : '';
    if (log.chips.dataset.of !== sign) {
      log.chips.dataset.of = sign;
      log.chips.hidden = !sign;
      log.chips.replaceChildren(...quick.map((action) => quickView(last, action)));
    }
    log.before.hidden = !hasEarlier;
    log.draw(rowsOf(id, hands));
    header.render();
    standing.render();
    const conversation = store.conversations.get(id);
    composer.dress({ isClosed: store.closing.isClosed, isBlocked: isAsked && Boolean(last.content.blockChatInput), isOver: Boolean(conversation?.last_seq) && conversation.session.state === 'none' });
    if (log.isAtEnd()) mark();
  }

  function quickView(message, action) {
    const source = safeLink(action.iconUrl || '');
    const press = () => { hands.press(message, action); composer.focus(); };
    return button({ onclick: press, dir: 'auto' }, source ? h('img', { src: source, alt: '' }) : null, action.text);
  }

  /** The newest message is before the visitor's eyes. */
  function mark() {
    if (go.isShown() && !document.hidden && document.hasFocus()) store.read(id);
  }

  async function earlier() {
    if (!hasEarlier || isLoading) return;
    isLoading = true;
    const more = await store.load(id, Math.min(...store.threads.of(id).keys())).catch(() => true);
    isLoading = false;
    hasEarlier = more;
    render();
  }

  async function load() {
    if (isLocal(id)) return;
    const waiting = store.threads.sure.has(id) ? null : skeleton(log.view, load);
    try {
      hasEarlier = await store.load(id);
      waiting?.end();
      render();
      log.toEnd();
    } catch {
      waiting?.end();
      if (!store.threads.sure.has(id)) log.view.append(troubleView(t('loadFailed'), load));
    }
  }

  const on = (target, what, react) => target.addEventListener(what, react, { signal: off.signal });
  for (const what of ['messages', 'conversations', 'typing', 'online', 'outbox']) on(store, what, ({ detail }) => (!detail || detail === id) && render());
  on(store, 'received', ({ detail }) => detail.conversation === id && log.miss());
  on(store, 'settled', ({ detail }) => {
    if (id !== detail.local) return;
    id = detail.id;
    composer.moved(detail.local, id);
    load();
  });
  on(window, 'focus', mark);
  on(view, 'click', (event) => event.composedPath().includes(header.view) || header.closeMenu());
  on(view, 'dragover', (event) => event.preventDefault());
  on(view, 'drop', (event) => { event.preventDefault(); composer.attach(event.dataTransfer?.files); });
  log.before.append(button({ class: 'mw-link', onclick: earlier }, t('earlier')));
  log.before.hidden = true;
  render();
  load();
  return {
    view,
    id: () => id,
    focus: () => { composer.focus(); log.toEnd(); },
    leave() { off.abort(); log.leave(); composer.leave(); },
  };
}
