// Calls of the client API.
import { randomId, recall, remember } from './storage.js';
import { config } from './words.js';

const TRIES = 4;
const LONGEST_WAIT_S = 60;
let token = recall('token') || '';
/** @type {Promise<any> | null} */
let starting = null;

/** A refusal of the server: `status`, `code`, `title`, and perhaps `field` and `limit`. */
export class Refused extends Error {
  constructor(status, error) {
    super(error.title || '');
    Object.assign(this, error, { status });
    if (this.isClosed) whenClosed.act();
  }

  /** Whether the visitor may write nothing at all. */
  get isClosed() {
    return this.code === 'blocked';
  }
}

/** What is done when the server says that this visitor may write nothing. */
export const whenClosed = { act: () => {} };

export const headers = () => ({ Authorization: `Bearer ${token}`, 'Accept-Language': config.language });
export const currentToken = () => token;

/** Wait as long as an answer of 429 asks for. @param {string | null} seconds */
export function waitFor(seconds) {
  const wait = Math.min(LONGEST_WAIT_S, Number(seconds) || 1);
  return new Promise((resolve) => setTimeout(resolve, wait * 1000));
}

/** Call; an answer of 429 is waited out, a token that ended is renewed once. Throws Refused, or TypeError for no network.
 * @param {string} method @param {string} path @param {object} [body] */
export async function call(method, path, body, tries = TRIES) {
  const sent = body ? { ...headers(), 'Content-Type': 'application/json' } : headers();
  const answer = await fetch(`/client/v1/${path}`, { method, headers: sent, body: body && JSON.stringify(body) });
  if (answer.status === 429 && tries > 1) {
    await waitFor(answer.headers.get('Retry-After'));
    return call(method, path, body, tries - 1);
  }
  if (answer.status === 401 && path !== 'session' && tries === TRIES) {
    await start();
    return call(method, path, body, tries - 1);
  }
  const given = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, given.error || {});
  return given;
}

/** Start or resume this browser's visitor; gives contact, conversations and unread. Callers at once share one call. */
export function start() {
  starting ??= admit().finally(() => (starting = null));
  return starting;
}

async function admit() {
  if (!recall('client_id')) remember('client_id', randomId());
  const asked = { key: config.key, client_id: recall('client_id'), token, locale: config.language, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, page: document.referrer };
  const started = await call('POST', 'session', asked);
  token = started.token;
  remember('token', token);
  return started;
}
