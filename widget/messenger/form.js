// A form in a message: checked here as the server will, sent as one formResponse.
import { h } from './dom.js';
import { icon } from './icons.js';
import { t } from './words.js';

/** @param {any} message @param {import('./content.js').Hands} hands */
export function formView(message, hands) {
  const answers = hands.answersOf(message);
  if (answers) {
    const rows = answers.map((answer) => h('div', {}, h('dt', { dir: 'auto' }, answer.label), h('dd', { dir: 'auto' }, valueOf(answer))));
    return h('dl', { class: 'mw-done' }, ...rows);
  }
  if (message.content.submitted) return h('div', { class: 'mw-done c3' }, t('answered'));
  const controls = message.content.fields.map((field, index) => control(field, `f${message.id}-${index}`));
  const form = h('form', { class: 'mw-form', noValidate: true }, ...controls.map((each) => each.row));
  form.append(h('button', { class: 'mw-btn', type: 'submit' }, t('submit')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wrong = controls.filter((each) => !each.check());
    if (wrong.length) wrong[0].input.focus();
    else hands.answer({ type: 'formResponse', quotedMessageId: message.id, fields: controls.map((each) => each.answer()) });
  });
  return form;
}

export function valueOf(answer) {
  if (answer.type === 'select') return (answer.select || []).map((option) => option.label).join(', ');
  return answer[answer.type] || '';
}

function inputOf(field, id) {
  if (field.type === 'select') {
    const first = h('option', { value: '' }, field.placeholder || t('choose'));
    return h('select', { id, class: 'mw-in' }, first, ...field.options.map((option) => h('option', { value: option.name }, option.label)));
  }
  const mode = { integer: 'numeric', decimal: 'decimal' }[field.format];
  const isEmail = field.type === 'email';
  return h('input', { id, class: 'mw-in', type: isEmail ? 'email' : 'text', dir: 'auto', placeholder: field.placeholder, inputmode: mode, autocomplete: isEmail ? 'email' : null });
}

/** Give what is wrong with an answer, in words, or nothing. */
function problemOf(field, value) {
  const { minSize = 1, maxSize = 128 } = field;
  if (!value) return t('required');
  if (field.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return t('badEmail');
  if (field.type !== 'text') return '';
  if (value.length < minSize) return t('tooShort', { n: minSize });
  if (value.length > maxSize) return t('tooLong', { n: maxSize });
  if (field.format === 'integer' && !/^[-+]?\d+$/.test(value)) return t('badNumber');
  if (field.format === 'decimal' && !/^[-+]?\d+([.,]\d+)?$/.test(value)) return t('badNumber');
  return '';
}

function control(field, id) {
  const input = inputOf(field, id);
  const error = h('span', { class: 'er', id: `${id}-er`, hidden: true });
  input.setAttribute('aria-describedby', error.id);
  input.setAttribute('aria-required', 'true');
  function check() {
    const problem = problemOf(field, input.value.trim());
    error.replaceChildren(...(problem ? [icon('alert', 's'), problem] : []));
    error.hidden = !problem;
    input.setAttribute('aria-invalid', String(Boolean(problem)));
    return !problem;
  }
  // Once told of a mistake, the visitor sees at once when it is mended.
  input.addEventListener('input', () => error.hidden || check());
  return {
    input,
    check,
    row: h('div', { class: 'mw-f' }, h('label', { for: id, dir: 'auto' }, field.label), input, error),
    answer() {
      const { type, name, label } = field;
      if (type !== 'select') return { type, name, label, [type]: input.value.trim() };
      return { type, name, label, select: field.options.filter((option) => option.name === input.value) };
    },
  };
}
