// The editor of steps: what a rule does, in order, kept as JSON in the hidden field that is sent.
import { option } from './condition_value.js';

let made = 0;

function editor(root) {
  const spec = JSON.parse(root.querySelector('script').textContent);
  const kept = root.querySelector('textarea[name]');
  const brand = root.closest('form').elements.brand;
  const list = root.querySelector('[data-rows]');
  const adder = root.querySelector('[data-add]');
  const rows = () => [...list.children];
  const say = (text) => { const announcer = document.getElementById('announcer'); if (announcer) announcer.textContent = text; };
  const choices = () => spec.brands[brand?.value || spec.brand] || Object.values(spec.brands)[0] || {};
  const is = (kind, name) => spec[kind].includes(name);

  function read(row) {
    const [name, entry, text] = [row.querySelector('[data-do]').value, row.querySelector('[data-value] :is(input, select)'), row.querySelector('[data-text]')];
    const said = { do: name };
    if (is('choosing', name)) said.value = entry?.value ?? '';
    else if (is('tagging', name)) said.value = (entry?.value ?? '').split(',').map((each) => each.trim().toLowerCase().replace(/\s+/g, '-')).filter(Boolean);
    else if (is('counting', name)) said.value = entry?.value ? Number(entry.value) : null;
    if (is('filling', name)) return { ...said, text: row.querySelector('[data-fill] :is(input, select)')?.value ?? '' };
    return is('writing', name) ? { ...said, text: text.value } : said;
  }
  function keep() {
    kept.value = JSON.stringify(rows().map(read));
    adder.disabled = rows().length >= spec.limits.steps;
  }
  function number() {
    for (const [at, row] of rows().entries()) {
      row.setAttribute('aria-label', root.dataset.nth.replace('{n}', at + 1));
      row.querySelector('[data-up]').disabled = at === 0;
      row.querySelector('[data-down]').disabled = at === rows().length - 1;
    }
    keep();
  }

  function entryOf(name, value) {
    if (is('choosing', name)) {
      const select = Object.assign(document.createElement('select'), { className: 'm-select' });
      const offered = choices()[name] || [];
      select.append(option('', root.dataset.choose), ...offered.map(([each, label]) => option(each, label)));
      if (value && !offered.some(([each]) => each === value)) select.append(option(value, root.dataset.gone));
      select.value = typeof value === 'string' ? value : '';
      select.setAttribute('aria-label', root.dataset.choice);
      return select;
    }
    const input = Object.assign(document.createElement('input'), { className: 'm-input', autocomplete: 'off' });
    if (is('tagging', name)) {
      input.value = Array.isArray(value) ? value.join(', ') : '';
      input.setAttribute('aria-label', root.dataset.tags);
      input.placeholder = root.dataset.tags;
      return input;
    }
    if (!is('counting', name)) return null;
    Object.assign(input, { type: 'number', min: 1, max: spec.limits.minutes, step: 1, value: value ?? '' });
    input.setAttribute('aria-label', root.dataset.minutes);
    return input;
  }
  /** What a field is filled in with, by what it takes. */
  function fillOf(name, key, text) {
    const field = (spec.fields[brand?.value || spec.brand] || Object.values(spec.fields)[0] || {})[name]?.[key];
    if (!field) return null;
    const offered = field.kind === 'checkbox' ? [['true', root.dataset.yes], ['', root.dataset.no]]
      : field.kind === 'select' ? [['', root.dataset.nothing], ...field.options.map((each) => [each, each])] : null;
    const entry = Object.assign(document.createElement(offered ? 'select' : 'input'), { className: offered ? 'm-select' : 'm-input' });
    if (offered) entry.append(...offered.map(([each, label]) => option(each, label)));
    else Object.assign(entry, { type: field.kind === 'date' ? 'date' : 'text', maxLength: spec.limits.entry, autocomplete: 'off', placeholder: root.dataset.nothing });
    if (offered && text && !offered.some(([each]) => each === text)) entry.append(option(text, text));
    entry.value = text;
    entry.setAttribute('aria-label', root.dataset.filling);
    return entry;
  }
  function offerFill(row, name, key, text) {
    const entry = is('filling', name) ? fillOf(name, key, text) : null;
    row.querySelector('[data-fill]').replaceChildren(...(entry ? [entry] : []));
  }
  function offer(row, name, value, text = '') {
    const entry = entryOf(name, value);
    row.querySelector('[data-value]').replaceChildren(...(entry ? [entry] : []));
    offerFill(row, name, value, text);
    if (is('filling', name)) entry.addEventListener('change', () => { offerFill(row, name, entry.value, ''); keep(); });
    row.querySelector('[data-text]').hidden = !is('writing', name);
  }

  function calm(row) {
    row.querySelector('[data-error]').hidden = true;
    for (const each of row.querySelectorAll('[aria-invalid]')) {
      each.removeAttribute('aria-invalid');
      each.removeAttribute('aria-describedby');
    }
  }
  function complain(row, part, text) {
    const error = row.querySelector('[data-error]');
    error.id ||= `step-error-${(made += 1)}`;
    error.textContent = text;
    error.hidden = false;
    const fill = part === 'text' && row.querySelector('[data-fill] :is(input, select)');
    const at = fill || row.querySelector(part === 'value' ? '[data-value] :is(input, select)' : `[data-${part}]`);
    at?.setAttribute('aria-invalid', 'true');
    at?.setAttribute('aria-describedby', error.id);
  }

  function move(row, by) {
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    number();
    const wanted = row.querySelector(by < 0 ? '[data-up]' : '[data-down]');
    (wanted.disabled ? row.querySelector(by < 0 ? '[data-down]' : '[data-up]') : wanted).focus();
    say(root.dataset.moved.replace('{n}', rows().indexOf(row) + 1));
  }
  function build({ do: name = '', value, text = '' } = {}) {
    const row = root.querySelector('template[data-row]').content.firstElementChild.cloneNode(true);
    const [what, words] = [row.querySelector('[data-do]'), row.querySelector('[data-text]')];
    what.append(option('', root.dataset.choose), ...spec.steps.map(([each, label]) => option(each, label)));
    what.value = name;
    words.value = is('filling', name) ? '' : text;
    words.maxLength = spec.limits.text;
    offer(row, name, value, text);
    what.addEventListener('change', () => { offer(row, what.value); calm(row); keep(); });
    row.addEventListener('input', () => { calm(row); keep(); });
    row.querySelector('[data-up]').addEventListener('click', () => move(row, -1));
    row.querySelector('[data-down]').addEventListener('click', () => move(row, 1));
    row.querySelector('[data-remove]').addEventListener('click', () => {
      const next = row.nextElementSibling || row.previousElementSibling;
      row.remove();
      (next?.querySelector('[data-do]') || adder).focus();
      say(root.dataset.removed);
      number();
    });
    return row;
  }
  function show(stored) {
    list.replaceChildren(...(Array.isArray(stored) ? stored : []).map(build));
    number();
  }

  adder.addEventListener('click', () => {
    const row = build();
    list.append(row);
    number();
    row.querySelector('[data-do]').focus();
  });
  brand?.addEventListener?.('change', () => show(JSON.parse(kept.value)));
  let stored = [];
  try {
    stored = JSON.parse(kept.value);
  } catch {
    // What cannot be read was refused, and begins anew.
  }
  show(stored);
  for (const [path, text] of Object.entries(spec.refused)) {
    const [at, part] = path.split('.');
    if (rows()[at]) complain(rows()[at], part, text);
  }
}

/** Bring every editor of steps in this part of the page to life. */
export function startSteps(part = document) {
  for (const each of part.querySelectorAll('[data-steps]')) editor(each);
}
