// Where the visitor writes.
import { upload } from './api.js';
import { h, icon, iconButton } from './dom.js';
import { store } from './store.js';
import { config, t } from './words.js';

const EMOJI = '😀 😊 😂 😍 🤔 😅 😢 😡 👍 👎 🙏 👏 💪 🎉 ❤️ 🔥 ✅ ❌ ⭐ 📦 🚚 💳 ⏰ 👋'.split(' ');
const TYPING_EVERY_MS = 3000;
const isTouch = matchMedia('(pointer: coarse)').matches;

/** @param {() => string} conversation  whose thread is open */
export function composerView(conversation) {
  const text = h('textarea', { rows: 1, 'aria-label': t('message'), placeholder: t('write'), maxlength: '4096' });
  const send = h('button', { class: 'mw-snd', type: 'submit', 'aria-label': t('send'), disabled: true }, icon('send'));
  const progress = h('div', { class: 'mw-up', hidden: true, role: 'status' });
  const picker = h('input', { type: 'file', hidden: true, 'aria-hidden': 'true', tabindex: '-1' });
  const emoji = h('div', { class: 'mw-emoji', hidden: true, role: 'group', 'aria-label': t('emoji') }, ...EMOJI.map((each) => h('button', { type: 'button', onclick: () => insert(each) }, each)));
  const form = h(
    'form', { class: 'mw-c' },
    config.mayAttach ? iconButton(t('attach'), 'clip', () => picker.click()) : null,
    text,
    iconButton(t('emoji'), 'smile', () => (emoji.hidden = !emoji.hidden)),
    send, picker,
  );
  let typedAt = 0;

  function insert(each) {
    text.setRangeText(each, text.selectionStart, text.selectionEnd, 'end');
    emoji.hidden = true;
    text.focus();
    grow();
  }
  function grow() {
    send.disabled = !text.value.trim();
    text.rows = Math.min(6, text.value.split('\n').length);
  }
  function submit() {
    const words = text.value.trim();
    if (!words) return;
    store.send(conversation(), { type: 'text', text: words });
    text.value = '';
    typedAt = 0;
    grow();
    text.focus();
  }
  async function attach(file) {
    if (!file || !config.mayAttach) return;
    const bar = h('progress', { max: '1', value: '0' });
    const label = h('span', {}, t('uploading', { name: file.name, n: 0 }));
    progress.replaceChildren(label, bar);
    progress.hidden = false;
    try {
      const kept = await upload(file, (share) => {
        bar.setAttribute('value', String(share));
        label.textContent = t('uploading', { name: file.name, n: Math.round(share * 100) });
      });
      const type = kept.width ? 'image' : 'file';
      store.send(conversation(), { type, mediaUrl: kept.url, altText: kept.name, mediaType: kept.media_type, mediaSize: kept.size });
      progress.hidden = true;
    } catch (error) {
      progress.replaceChildren(h('span', { class: 'mw-err', role: 'alert' }, `${file.name}: ${error.message || t('failed')}`));
    }
    picker.value = '';
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  text.addEventListener('input', () => {
    grow();
    if (Date.now() - typedAt < TYPING_EVERY_MS) return;
    typedAt = Date.now();
    store.sayTyping(conversation(), text.value ? 'start' : 'stop');
  });
  text.addEventListener('keydown', (event) => {
    // While a Korean syllable is being composed, Enter ends the syllable, not the message.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229 || isTouch) return;
    event.preventDefault();
    submit();
  });
  text.addEventListener('paste', (event) => attach(event.clipboardData?.files[0]));
  picker.addEventListener('change', () => attach(picker.files[0]));
  return { view: h('div', {}, emoji, progress, form), focus: () => text.focus(), attach, hide: (isHidden) => (form.hidden = isHidden) };
}
