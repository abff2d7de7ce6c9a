// The editor of conditions: rows of field, operator and value, kept as JSON in the hidden field that is sent.
import { option, valueOf } from './condition_value.js';

let made = 0;

function editor(root) {
  const spec = JSON.parse(root.querySelector('script').textContent);
  const kept = root.querySelector('textarea');
  const brand = root.closest('form').elements.brand;
  const inputs = new WeakMap();
  const blocks = [...root.querySelectorAll('[data-block]')];
  const rowsIn = (block) => [...block.querySelector('[data-rows]').children];

  const fields = () => spec.brands[brand?.value || spec.brand] || Object.values(spec.brands)[0] || [];
  const fieldAt = (path) => fields().find((each) => (each.keyed ? path.startsWith(`${each.path}.`) || path === each.path : path === each.path));

  function read(row) {
    const [chosen, key] = [row.querySelector('[data-field]').value, row.querySelector('[data-key]')];
    const said = { field: key.hidden ? chosen : `${chosen}.${key.value.trim()}`, operator: row.querySelector('[data-operator]').value };
    const value = inputs.get(row)?.read();
    return value === undefined ? said : { ...said, value };
  }
  function keep() {
    const all = blocks.map((block) => [block.dataset.block, rowsIn(block).map(read)]);
    kept.value = JSON.stringify(Object.fromEntries(all));
    const isFull = all.flatMap(([, rows]) => rows).length >= spec.limits.rows;
    for (const block of blocks) block.querySelector('[data-add]').disabled = isFull;
  }
  function number() {
    const rows = blocks.flatMap(rowsIn);
    for (const [at, row] of rows.entries()) row.setAttribute('aria-label', root.dataset.nth.replace('{n}', at + 1));
  }

  function offerFields(select, path) {
    const field = fieldAt(path);
    const groups = new Map();
    for (const each of fields()) groups.set(each.group, [...(groups.get(each.group) || []), each]);
    select.replaceChildren(option('', root.dataset.choose));
    for (const [label, members] of groups) {
      const group = Object.assign(document.createElement('optgroup'), { label });
      group.append(...members.map((each) => option(each.path, each.label)));
      select.append(group);
    }
    if (path && !field) select.append(option(path, `${path} ${root.dataset.gone}`));
    select.value = field ? field.path : path;
    return field;
  }
  function offerOperators(select, field, operator) {
    const names = field ? field.operators : [];
    select.replaceChildren(...names.map((each) => option(each, spec.operators[each])));
    if (operator && !names.includes(operator)) select.prepend(option(operator, `${spec.operators[operator] || operator} ${root.dataset.gone}`));
    if (operator) select.value = operator;
    select.disabled = !select.options.length;
  }
  function offerValue(row, field, operator, value) {
    const input = field && operator && !spec.valueless.includes(operator) ? valueOf({ root, spec, field, operator, value, changed: keep }) : null;
    inputs.set(row, input || { read: () => (field ? undefined : value) });
    row.querySelector('[data-value]').replaceChildren(...(input ? input.elements : []));
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
    error.id ||= `condition-error-${(made += 1)}`;
    error.textContent = text;
    error.hidden = false;
    const key = row.querySelector('[data-key]');
    const at = part === 'field' && !key.hidden ? key : row.querySelector(part === 'value' ? '[data-value] :is(input, select)' : `[data-${part}]`);
    at?.setAttribute('aria-invalid', 'true');
    at?.setAttribute('aria-describedby', error.id);
  }

  function build({ field: path = '', operator = '', value } = {}) {
    const row = root.querySelector('template[data-row]').content.firstElementChild.cloneNode(true);
    const [what, key, how] = ['[data-field]', '[data-key]', '[data-operator]'].map((each) => row.querySelector(each));
    let field = offerFields(what, String(path));
    key.hidden = !field?.keyed;
    key.value = field?.keyed ? String(path).slice(field.path.length + 1) : '';
    offerOperators(how, field, operator);
    offerValue(row, field, how.value, value);
    what.addEventListener('change', () => {
      field = fieldAt(what.value);
      key.hidden = !field?.keyed;
      const before = how.value;
      offerOperators(how, field, field?.operators.includes(before) ? before : '');
      offerValue(row, field, how.value);
      calm(row);
      keep();
    });
    how.addEventListener('change', () => {
      offerValue(row, field, how.value, inputs.get(row).read());
      calm(row);
      keep();
    });
    row.addEventListener('input', () => { calm(row); keep(); });
    row.querySelector('[data-remove]').addEventListener('click', () => remove(row));
    return row;
  }
  function remove(row) {
    const block = row.closest('[data-block]');
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    (next?.querySelector('[data-field]') || block.querySelector('[data-add]')).focus();
    const announcer = document.getElementById('announcer');
    if (announcer) announcer.textContent = root.dataset.removed;
    number();
    keep();
  }
  function show(stored) {
    for (const block of blocks) {
      const rows = Array.isArray(stored?.[block.dataset.block]) ? stored[block.dataset.block] : [];
      block.querySelector('[data-rows]').replaceChildren(...rows.map(build));
    }
    number();
    keep();
  }

  for (const block of blocks) {
    block.querySelector('[data-add]').addEventListener('click', () => {
      const row = build();
      block.querySelector('[data-rows]').append(row);
      row.querySelector('[data-field]').focus();
      number();
      keep();
    });
  }
  brand?.addEventListener?.('change', () => show(JSON.parse(kept.value)));
  let stored = {};
  try {
    stored = JSON.parse(kept.value);
  } catch {
    // What cannot be read was refused, and begins anew.
  }
  show(stored);
  for (const [path, text] of Object.entries(spec.refused)) {
    const [block, at, part] = path.split('.');
    const row = blocks.filter((each) => each.dataset.block === block).map((each) => rowsIn(each)[at])[0];
    if (row) complain(row, part, text);
  }
}

/** Bring every editor under `root` to life, once. */
export function startConditions(root = document) {
  for (const each of root.querySelectorAll('[data-conditions]:not([data-started])')) {
    each.dataset.started = '';
    editor(each);
  }
}
