// The value of one condition: a text, a number, one choice, several, or tags, as its field and operator want it.

export function option(value, label) {
  return Object.assign(document.createElement('option'), { value, textContent: label });
}

function input(root, wishes) {
  const made = Object.assign(document.createElement('input'), { className: 'm-input', autocomplete: 'off', ...wishes });
  made.setAttribute('aria-label', root.dataset.entry);
  return made;
}

function chooser(root, choices, first) {
  const made = Object.assign(document.createElement('select'), { className: 'm-select' });
  made.setAttribute('aria-label', root.dataset.entry);
  if (first !== undefined) made.append(option('', first));
  made.append(...choices.map(([value, label]) => option(value, label)));
  return made;
}

function text({ root, spec, operator, value }) {
  const made = input(root, { maxLength: operator === 'matches' ? spec.limits.pattern : spec.limits.text, value: typeof value === 'string' ? value : '' });
  made.setAttribute('dir', 'auto');
  return { elements: [made], read: () => made.value };
}

function number({ root, value }, wishes) {
  const made = input(root, { type: 'number', value: typeof value === 'number' ? value : '', ...wishes });
  return { elements: [made], read: () => (made.value === '' ? null : Number(made.value)) };
}

function flag({ root, value }) {
  const made = chooser(root, [['yes', root.dataset.yes], ['no', root.dataset.no]]);
  made.value = value === false ? 'no' : 'yes';
  return { elements: [made], read: () => made.value === 'yes' };
}

function one({ root, field, value }) {
  const asked = String((Array.isArray(value) ? value[0] : value) ?? '');
  const made = chooser(root, field.choices, root.dataset.choose);
  if (asked && !field.choices.some(([each]) => each === asked)) made.append(option(asked, root.dataset.gone));
  made.value = asked;
  return { elements: [made], read: () => made.value };
}

/** Chips of what is listed, and beside them what puts the next one there; what was typed and not put there counts too. */
function chips({ root, changed, listed, entry, label, tidy = (each) => each }) {
  const box = Object.assign(document.createElement('span'), { className: 'cond-chips' });
  const put = root.querySelector('template[data-put]').content.firstElementChild.cloneNode(true);
  let values = [...new Set(listed)];

  function draw() {
    box.replaceChildren(
      ...values.map((value) => {
        const chip = root.querySelector('template[data-chip]').content.firstElementChild.cloneNode(true);
        chip.querySelector('[data-text]').textContent = label(value);
        const drop = chip.querySelector('button');
        drop.setAttribute('aria-label', root.dataset.drop.replace('{name}', label(value)));
        drop.addEventListener('click', () => {
          values = values.filter((each) => each !== value);
          draw();
          entry.focus();
          changed();
        });
        return chip;
      }),
    );
  }
  function add() {
    values = read();
    entry.value = '';
    draw();
    entry.focus();
    changed();
  }
  function read() {
    return [...new Set([...values, tidy(entry.value)].filter(Boolean))];
  }
  put.addEventListener('click', add);
  entry.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing || !entry.value) return;
    event.preventDefault();
    add();
  });
  draw();
  const last = Object.assign(document.createElement('span'), { className: 'cond-put' });
  last.append(entry, put);
  return { elements: [box, last], read };
}

function several({ root, field, value, changed }) {
  const names = new Map(field.choices);
  const listed = (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string' && each);
  const entry = chooser(root, field.choices, root.dataset.choose);
  return chips({ root, changed, listed, entry, label: (each) => names.get(each) || root.dataset.gone });
}

function tags({ root, spec, value, changed }) {
  const entry = input(root, { maxLength: spec.limits.tag });
  entry.setAttribute('aria-label', root.dataset.tag);
  const listed = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  return chips({ root, changed, listed, entry, label: (each) => each, tidy: (each) => each.trim().toLowerCase().replace(/\s+/g, '-') });
}

/** Give what the value is entered with, and how to read it. */
export function valueOf(wanted) {
  const { kind } = wanted.field;
  if (kind === 'number') return number(wanted, { step: 'any' });
  if (kind === 'moment') return number(wanted, { min: 1, max: wanted.spec.limits.minutes, step: 1 });
  if (kind === 'flag') return flag(wanted);
  if (kind === 'tags') return tags(wanted);
  if (kind === 'schedule') return one(wanted);
  if (kind === 'choice') return wanted.operator.endsWith('_of') ? several(wanted) : one(wanted);
  return text(wanted);
}
