// A form in a message: checked here as the server will, sent as one formResponse.
import { h } from './dom.js';
import { t } from './words.js';

/** @param {any} message @param {any[] | null} answers  what was answered before, or null
 * @param {(content: object) => void} send */
export function formView(message, answers, send) {
  if (answers) {
    const rows = answers.map((answer) => h('div', {}, h('dt', {}, answer.label), h('dd', { dir: 'auto' }, valueOf(answer))));
    return h('dl', { class: 'mw-done' }, ...rows);
  }
  const controls = message.content.fields.map((field, index) => control(field, `${message.id}-${index}`));
  const form = h('form', { class: 'mw-form', noValidate: true }, ...controls.map((each) => each.row));
  form.append(h('button', { class: 'mw-btn', type: 'submit' }, t('submit')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wrong = controls.filter((each) => !each.check());
    if (wrong.length) wrong[0].input.focus();
    else send({ type: 'formResponse', quotedMessageId: message.id, fields: controls.map((each) => each.answer()) });
  });
  return form;
}

export function valueOf(answer) {
  if (answer.type === 'select') return (answer.select || []).map((option) => option.label).join(', ');
  return answer[answer.type] || '';
}

function control(field, id) {
  const error = h('span', { class: 'mw-err', id: `${id}-error`, hidden: true, role: 'alert' });
  const input =
    field.type === 'select'
      ? h('select', { id, class: 'mw-in' }, h('option', { value: '' }, field.placeholder || t('choose')), ...field.options.map((option) => h('option', { value: option.name }, option.label)))
      : h('input', { id, class: 'mw-in', type: field.type === 'email' ? 'email' : 'text', placeholder: field.placeholder, inputmode: field.format ? 'decimal' : null });
  input.setAttribute('aria-describedby', error.id);
  const problem = () => {
    const value = input.value.trim();
    if (!value) return t('required');
    if (field.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return t('badEmail');
    if (field.type === 'text' && value.length < (field.minSize || 1)) return t('tooShort', { n: field.minSize || 1 });
    if (field.type === 'text' && value.length > (field.maxSize || 128)) return t('tooLong', { n: field.maxSize || 128 });
    return '';
  };
  return {
    input,
    row: h('div', { class: 'mw-f' }, h('label', { for: id }, field.label), input, error),
    check() {
      error.textContent = problem();
      error.hidden = !error.textContent;
      input.setAttribute('aria-invalid', String(!error.hidden));
      return error.hidden;
    },
    answer() {
      const { type, name, label } = field;
      if (type !== 'select') return { type, name, label, [type]: input.value.trim() };
      return { type, name, label, select: field.options.filter((option) => option.name === input.value) };
    },
  };
}
