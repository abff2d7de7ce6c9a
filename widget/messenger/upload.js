// Sending a file up, with its progress told, and a way to stop.
import { headers, Refused, waitFor } from './api.js';

/** Upload a file; a limit reached (429) is waited out once.
 * @param {File} file
 * @param {(share: number) => void} onProgress  how much has gone, 0 to 1
 * @param {AbortSignal} signal
 * @returns {Promise<any>} the attachment; rejects with Refused (status 0: no network, or stopped) */
export async function upload(file, onProgress, signal) {
  try {
    return await attempt(file, onProgress, signal);
  } catch (error) {
    if (error.status !== 429) throw error;
    await waitFor(error.wait);
    return attempt(file, onProgress, signal);
  }
}

function attempt(file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    const refuse = () => {
      const wait = request.getResponseHeader('Retry-After');
      reject(Object.assign(new Refused(request.status, request.response?.error || {}), { wait }));
    };
    form.append('file', file);
    request.open('POST', '/client/v1/attachments');
    Object.entries(headers()).forEach(([name, value]) => request.setRequestHeader(name, value));
    request.responseType = 'json';
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => (request.status === 201 ? resolve(request.response.attachment) : refuse());
    request.onerror = request.onabort = refuse;
    if (signal.aborted) refuse();
    else request.send(form);
    signal.addEventListener('abort', () => request.abort());
  });
}
