// The messenger's words, in the language the page was made in.
export const config = JSON.parse(document.getElementById('config').textContent);

const plurals = new Intl.PluralRules(config.language);
// The reader's own way of writing dates, as long as it is in the messenger's language.
const locale = navigator.language.split('-')[0] === config.language.split('-')[0] ? navigator.language : config.language;
const format = (options) => new Intl.DateTimeFormat(locale, options);
const clock = format({ hour: 'numeric', minute: '2-digit' });
const calendar = format({ dateStyle: 'medium' });
const whole = format({ dateStyle: 'full', timeStyle: 'short' });
const monthDay = format({ month: 'short', day: 'numeric' });

/** Give a word or sentence of the catalogue, with {names} filled in. An entry that depends on {n} is an object of CLDR
 * plural forms, of which `other` is always there.
 * @param {string} key
 * @param {Record<string, string | number>} [values] */
export function t(key, values = {}) {
  const entry = config.words[key];
  const sentence = typeof entry === 'string' ? entry : (entry[plurals.select(Number(values.n))] ?? entry.other);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @param {string} iso */
export const timeOf = (iso) => clock.format(new Date(iso));

/** Give the whole date and time, for a tooltip. @param {string} iso */
export const fullOf = (iso) => whole.format(new Date(iso));

/** @param {string} iso */
const daysAgo = (iso) => Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 864e5);

/** Give "Today", "Yesterday" or the date. @param {string} iso */
export function dayOf(iso) {
  const days = daysAgo(iso);
  if (days < 2) return t(days < 1 ? 'today' : 'yesterday');
  return calendar.format(new Date(iso));
}

/** Give an age as lists show it: 3m, 2h, 18 Oct. @param {string} iso */
export function ageOf(iso) {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(iso)) / 60000));
  if (minutes < 1) return t('now');
  if (minutes < 60) return t('minutes', { n: minutes });
  if (minutes < 1440) return t('hours', { n: Math.floor(minutes / 60) });
  return monthDay.format(new Date(iso));
}

/** Give a file's size as the team sees it too: 20 B, 12.4 kB, 3.0 MB; 1 kB is 1,000 B. @param {number} bytes */
export function sizeOf(bytes) {
  if (bytes < 1e3) return `${bytes} B`;
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return bytes < 999_950 ? `${tenths.format(bytes / 1e3)} kB` : `${tenths.format(bytes / 1e6)} MB`;
}

/** Give a price in the smallest unit of a currency, as people write it. @param {{ amount: number, currency?: string }} price */
export function priceOf({ amount, currency = 'usd' }) {
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return money.format(amount / 10 ** money.resolvedOptions().maximumFractionDigits);
}
