// The one event stream of the page, and whether it is alive. A screen that no longer hears anything must not look as if it did:
// the service sends statistics each second, so silence is noticed here, whatever the socket believes.

const staleAfter = 3500;
const reopenAfter = 8000;

export class Live extends EventTarget {
  #source;
  #device = null;
  #lastId = null;
  #heard = performance.now();
  #alive = null;

  constructor() {
    super();
    this.#open();
    setInterval(() => this.#watch(), 500);
  }

  // Adds the readings of one device to the stream.
  follow(device) {
    if (device === this.#device) return;
    this.#device = device;
    this.#open();
  }

  #open() {
    this.#source?.close();
    const query = new URLSearchParams();
    if (this.#device) query.set('device', this.#device);
    const resumes = this.#lastId !== null;
    if (resumes) query.set('after', this.#lastId);
    const source = this.#source = new EventSource(`api/v1/events?${query}`);
    source.addEventListener('open', () => {
      // Without an id to go on from, what changed meanwhile is not known: the list must be read again.
      if (this.#lastId === null) this.#tell('reload');
    });
    for (const type of ['alarm', 'stats', 'reading']) {
      source.addEventListener(type, event => {
        this.#hear();
        if (type === 'alarm') this.#lastId = event.lastEventId;
        const detail = JSON.parse(event.data);
        if (type === 'stats' && this.#lastId && detail.logPosition < Number.parseInt(this.#lastId, 10)) {
          // Another log stands behind this address now (data moved away): begin anew.
          this.#lastId = null;
          this.#open();
          return;
        }
        this.#tell(type, detail);
      });
    }
  }

  #hear() {
    this.#heard = performance.now();
    if (this.#alive === true) return;
    this.#alive = true;
    this.#tell('up');
  }

  #watch() {
    const silent = performance.now() - this.#heard;
    if (this.#alive !== false && silent > staleAfter) {
      this.#alive = false;
      this.#tell('down');
    }
    if (silent > reopenAfter) {
      this.#heard = performance.now();
      this.#open();
    }
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
