// Where the visitor writes.
import { attachmentsView } from './attachments.js';
import { button, h, iconButton } from './dom.js';
import { icon } from './icons.js';
import { isLocal } from './outbox.js';
import { forget, recall, remember } from './storage.js';
import { store } from './store.js';
import { config, t } from './words.js';

const EMOJI = '😀 😊 😂 😍 🤔 😅 😢 😡 👍 👎 🙏 👏 💪 🎉 ❤️ 🔥 ✅ ❌ ⭐ 📦 🚚 💳 ⏰ 👋'.split(' ');
const TYPING_EVERY_MS = 3000;
const MAX_CHARS = 4096;
const WARN_CHARS = 3800;
const MAX_PX = 132;
const isTouch = matchMedia('(pointer: coarse)').matches;

/** @param {() => string} conversation  whose thread is open @param {{ onSend: () => void }} hear */
export function composerView(conversation, { onSend }) {
  const draftName = (id = conversation()) => `draft:${id}`;
  const text = h('textarea', { rows: 1, dir: 'auto', 'aria-label': t('message'), placeholder: t('write'), maxlength: MAX_CHARS });
  const send = h('button', { class: 'mw-snd', type: 'submit', 'aria-label': t('send'), disabled: true }, icon('send'));
  const count = h('p', { class: 'mw-cnt t12 c3', role: 'status', hidden: true });
  const blocked = h('p', { class: 'mw-blk c3', role: 'status', hidden: true }, t('chooseAbove'));
  const picker = h('input', { type: 'file', multiple: true, hidden: true, tabindex: -1, 'aria-hidden': 'true' });
  const emoji = h('div', { class: 'mw-emoji', hidden: true, role: 'group', 'aria-label': t('emoji') }, ...EMOJI.map((each) => button({ onclick: () => insert(each) }, each)));
  const smile = iconButton(t('emoji'), 'smile', () => toggleEmoji(emoji.hidden), { 'aria-expanded': 'false' });
  const files = attachmentsView((content) => { store.outbox.add(conversation(), content); onSend(); });
  const clip = config.mayAttach ? iconButton(t('attach'), 'clip', () => picker.click()) : null;
  const form = h('form', { class: 'mw-c' }, clip, text, smile, send, picker);
  let typedAt = 0;
  let wasOver = false;

  function toggleEmoji(isOpen) {
    emoji.hidden = !isOpen;
    smile.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) emoji.querySelector('button').focus();
  }
  function insert(each) {
    text.setRangeText(each, text.selectionStart, text.selectionEnd, 'end');
    toggleEmoji(false);
    text.focus();
    changed();
  }
  function changed() {
    send.disabled = !text.value.trim();
    text.style.height = 'auto';
    text.style.height = `${Math.min(MAX_PX, text.scrollHeight)}px`;
    count.hidden = text.value.length < WARN_CHARS;
    count.textContent = count.hidden ? '' : `${text.value.length} / ${MAX_CHARS}`;
  }
  function submit() {
    const words = text.value.trim();
    if (!words) return;
    tell('stop');
    store.outbox.add(conversation(), { type: 'text', text: words });
    text.value = '';
    typedAt = 0;
    forget(draftName());
    files.forgetRefused();
    changed();
    text.focus();
    onSend();
  }
  /** @param {'start' | 'stop'} state */
  function tell(state) {
    if (!isLocal(conversation())) store.line.tell({ type: 'typing', conversation: conversation(), state });
  }
  function sayTyping() {
    const isEmpty = !text.value.trim();
    if (isEmpty ? !typedAt : Date.now() - typedAt < TYPING_EVERY_MS) return;
    typedAt = isEmpty ? 0 : Date.now();
    tell(isEmpty ? 'stop' : 'start');
  }
  function keepDraft() {
    if (text.value.trim()) remember(draftName(), text.value);
    else forget(draftName());
  }

  form.addEventListener('submit', (event) => { event.preventDefault(); submit(); });
  text.addEventListener('input', () => { changed(); sayTyping(); });
  text.addEventListener('keydown', (event) => {
    // While a Korean syllable is being composed, Enter ends the syllable, not the message.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229 || isTouch) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener('paste', (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    attach(event.clipboardData.files);
  });
  emoji.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    toggleEmoji(false);
    smile.focus();
  });
  picker.addEventListener('change', () => { attach(picker.files); picker.value = ''; });
  addEventListener('pagehide', keepDraft);

  /** @param {FileList | undefined} given */
  function attach(given) {
    if (config.mayAttach && !config.preview && !store.closing.isClosed) for (const file of given || []) files.add(file);
  }

  text.value = recall(draftName()) || '';
  // Sizes are known once it stands in the page.
  requestAnimationFrame(changed);
  return {
    view: h('div', { class: 'mw-foot' }, emoji, files.view, count, blocked, form),
    attach,
    focus: () => (form.hidden ? null : text.focus()),
    dress({ isBlocked, isOver, isClosed }) {
      form.hidden = isBlocked || isClosed;
      blocked.hidden = !form.hidden;
      blocked.textContent = t(isClosed ? 'closed' : 'chooseAbove');
      if (isClosed) emoji.hidden = files.view.hidden = true;
      if (isOver && !wasOver) files.forgetRefused();
      wasOver = isOver;
      text.placeholder = t(isOver ? 'writeAgain' : 'write');
    },
    moved: (from) => forget(draftName(from)),
    leave() { keepDraft(); removeEventListener('pagehide', keepDraft); },
  };
}
