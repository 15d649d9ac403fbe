// Sends a file in pieces by tus 1.0.0, and goes on after a cut from where the peer has it.

const endpoint = '/.youserv/api/files/uploads';
const pieceBytes = 8 * 1024 * 1024;
const attemptsMax = 8;

const reasons = {
  403: 'The system does not allow a file of that name.',
  409: 'There is something of that name already.',
  413: 'The file is too large.',
  429: 'Too many uploads are unfinished.',
  460: 'The file arrived otherwise than it was sent.',
  507: 'The disk is full.',
};

const encode = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

export class Upload {
  #file;
  #path;
  #tell;
  #request = null;
  #isCancelled = false;
  #url = null;

  constructor(file, path, tell) {
    this.#file = file;
    this.#path = path;
    this.#tell = tell;
  }

  /** Sends the file. Resolves to whether it was sent; rejects with what went wrong. */
  async run() {
    let offset = await this.#resume() ?? await this.#begin(false);
    const started = performance.now();
    const first = offset;
    for (let attempts = 0; offset < this.#file.size && !this.#isCancelled;) {
      const answer = await this.#send(offset, done => this.#tell.progress(done, this.#file.size, (done - first) / (performance.now() - started) * 1000));
      if (this.#isCancelled) {
        break;
      }
      if (answer.status === 204) {
        offset = answer.offset;
        attempts = 0;
      } else if ((answer.status === 0 || answer.status === 409 || answer.status >= 500 && answer.status !== 507) && ++attempts < attemptsMax) {
        await new Promise(resolve => setTimeout(resolve, Math.min(250 * 2 ** attempts, 10000)));
        offset = await this.#offset() ?? await this.#begin(false);
      } else {
        this.#forget();
        throw new Error(reasons[answer.status] ?? 'The connection broke. Upload the file again, and it goes on from there.');
      }
    }
    if (this.#isCancelled) {
      await fetch(this.#url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } }).catch(() => null);
    }
    this.#forget();
    return !this.#isCancelled;
  }

  cancel() {
    this.#isCancelled = true;
    this.#request?.abort();
  }

  get #key() {
    return `upload ${this.#path} ${this.#file.size} ${this.#file.lastModified}`;
  }

  async #begin(overwrites) {
    const metadata = [`path ${encode(this.#path)}`, ...overwrites ? [`overwrite ${encode('true')}`] : []];
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': String(this.#file.size), 'Upload-Metadata': metadata.join(',') },
    });
    if (response.status === 409 && !overwrites && this.#tell.mayReplace()) {
      return this.#begin(true);
    }
    if (response.status !== 201) {
      throw new Error(reasons[response.status] ?? `The upload was refused (${response.status}).`);
    }
    this.#url = response.headers.get('Location');
    localStorage.setItem(this.#key, this.#url);
    return 0;
  }

  async #resume() {
    this.#url = localStorage.getItem(this.#key);
    return this.#url ? this.#offset() : null;
  }

  async #offset() {
    const response = await fetch(this.#url, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } }).catch(() => null);
    return response?.ok ? Number(response.headers.get('Upload-Offset')) : null;
  }

  #send(offset, progress) {
    return new Promise(resolve => {
      const request = this.#request = new XMLHttpRequest();
      request.open('PATCH', this.#url);
      request.setRequestHeader('Tus-Resumable', '1.0.0');
      request.setRequestHeader('Upload-Offset', String(offset));
      request.setRequestHeader('Content-Type', 'application/offset+octet-stream');
      request.upload.onprogress = event => progress(offset + event.loaded);
      request.onloadend = () => resolve({ status: request.status, offset: Number(request.getResponseHeader('Upload-Offset')) });
      request.send(this.#file.slice(offset, offset + pieceBytes));
    });
  }

  #forget() {
    localStorage.removeItem(this.#key);
  }
}
