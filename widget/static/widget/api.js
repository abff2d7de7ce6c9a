// Calls of the client API.
import { config } from './words.js';
import { randomId, recall, remember } from './storage.js';

let token = recall('token') || '';

/** A refusal of the server: `code`, `title`, and perhaps `field` and `limit`. */
export class Refused extends Error {
  constructor(status, error) {
    super(error.title || `HTTP ${status}`);
    Object.assign(this, error, { status });
  }
}

/** @param {string} method @param {string} path @param {object} [body] */
export async function call(method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, 'Accept-Language': config.language };
  if (body) headers['Content-Type'] = 'application/json';
  const answer = await fetch(`/client/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const data = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, data.error || {});
  return data;
}

/** Start or resume this browser's visitor; gives contact, conversations and unread. */
export async function start() {
  if (!recall('client_id')) remember('client_id', randomId());
  const started = await call('POST', 'session', {
    key: config.key,
    client_id: recall('client_id'),
    token,
    locale: config.language,
    page: document.referrer,
  });
  token = started.token;
  remember('token', token);
  return started;
}

export const currentToken = () => token;

/** Upload a file, telling the share that has gone, 0 to 1.
 * @param {File} file @param {(share: number) => void} onProgress */
export function upload(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append('file', file);
    request.open('POST', '/client/v1/attachments');
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Accept-Language', config.language);
    request.responseType = 'json';
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 201) resolve(request.response.attachment);
      else reject(new Refused(request.status, request.response?.error || {}));
    };
    request.onerror = () => reject(new Refused(0, {}));
    request.send(form);
  });
}
