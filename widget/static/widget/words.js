// The messenger's words, in the language the page was made in.
export const config = JSON.parse(document.getElementById('config').textContent);

/** Give a word or sentence of the catalogue, with {names} filled in.
 * @param {string} key
 * @param {Record<string, string | number>} [values] */
export function t(key, values = {}) {
  return config.words[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

const locale = config.language === 'ko' ? 'ko-KR' : undefined;

/** @param {string} iso */
export const timeOf = (iso) => new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' }).format(new Date(iso));

/** Give "Today", "Yesterday" or the date.
 * @param {string} iso */
export function dayOf(iso) {
  const day = new Date(iso);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 864e5);
  if (days < 2) return t(days < 1 ? 'today' : 'yesterday');
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(day);
}
