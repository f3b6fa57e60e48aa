// The city on a canvas: outlines, and the devices by their worst alarm, gathered into cells where they lie close. Nothing of it needs the internet.

const cellSize = 46;
const nearest = 17, farthest = 4;
const mostHere = 50;
const tile = 256;

// Web Mercator on a square of side 1.
const worldX = longitude => (longitude + 180) / 360;
const worldY = latitude => (1 - Math.asinh(Math.tan(latitude * Math.PI / 180)) / Math.PI) / 2;

const severities = ['none', 'low', 'medium', 'high', 'critical'];

export async function open(canvas, page, tiles) {
  const map = new CityMap(canvas, page, tiles);
  // Their outlines are an aid: without them the marks still stand where they are.
  const answer = await fetch('/districts.geojson').catch(() => null);
  if (answer?.ok) map.outlines(await answer.json());
  return map;
}

class CityMap {
  #canvas; #page; #tiles;
  #districts = [];
  #x = []; #y = []; #state = new Uint8Array(0); #isKnown = false;
  #centre = { x: 0.5, y: 0.5 }; #zoom = 10;
  #cells = [];
  #marked = -1;
  #language = document.documentElement.lang;
  #pointers = new Map();
  #moved = 0;
  #due = false;
  #images = new Map();
  #gone = new AbortController();
  #watching;

  constructor(canvas, page, tiles) {
    [this.#canvas, this.#page, this.#tiles] = [canvas, page, tiles];
    const listen = (name, work) => canvas.addEventListener(name, work, { signal: this.#gone.signal, passive: false });
    listen('pointerdown', event => this.#down(event));
    listen('pointermove', event => this.#move(event));
    for (const name of ['pointerup', 'pointercancel']) listen(name, event => this.#up(event));
    listen('wheel', event => { event.preventDefault(); this.#zoomAt(event.offsetX, event.offsetY, -Math.sign(event.deltaY) * 0.5); });
    listen('keydown', event => this.#key(event));
    const resized = new ResizeObserver(() => this.#draw());
    resized.observe(canvas);
    // Its colours are those of the page.
    const themed = new MutationObserver(() => this.#draw());
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this.#watching = [resized, themed];
  }

  outlines(geojson) {
    this.#districts = geojson.features.map(({ properties, geometry }) => {
      const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
      const rings = polygons.flat().map(ring => ring.map(([longitude, latitude]) => [worldX(longitude), worldY(latitude)]));
      return { name: properties.name, chinese: properties.name_zh ?? properties.name, rings, bounds: boundsOf(rings.flat()) };
    });
    this.whole();
  }

  points(longitudes, latitudes) {
    this.#x = longitudes.map(worldX);
    this.#y = latitudes.map(worldY);
    this.#state = new Uint8Array(longitudes.length);
    this.whole();
  }

  // [index, severity, index, severity, …] of those that have an alarm.
  states(states, language) {
    this.#isKnown = true;
    this.#state.fill(0);
    for (let i = 0; i < states.length; i += 2) this.#state[states[i]] = states[i + 1];
    this.#language = language;
    this.#draw();
  }

  // Where the devices are; the outlines where there are none.
  whole() {
    const places = this.#x.length > 0 ? this.#x.map((x, i) => [x, this.#y[i]]) : this.#districts.flatMap(district => district.rings.flat());
    if (places.length > 0) this.#fit(boundsOf(places));
  }

  district(name) {
    const places = this.#districts.find(district => district.name === name);
    if (places) this.#fit(places.bounds);
  }

  device(index) {
    this.#centre = { x: this.#x[index], y: this.#y[index] };
    this.#zoom = 15;
    this.#marked = index;
    this.#draw();
  }

  zoom(steps) { this.#zoomAt(this.#canvas.clientWidth / 2, this.#canvas.clientHeight / 2, steps); }

  close() {
    this.#gone.abort();
    for (const each of this.#watching) each.disconnect();
  }

  #fit(bounds) {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const room = 1.12;
    const scale = Math.min(width / ((bounds.right - bounds.left) * room || 1e-5), height / ((bounds.bottom - bounds.top) * room || 1e-5));
    this.#zoom = Math.min(nearest, Math.max(farthest, Math.log2(scale / tile)));
    this.#centre = { x: (bounds.left + bounds.right) / 2, y: (bounds.top + bounds.bottom) / 2 };
    this.#draw();
  }

  get #scale() { return tile * 2 ** this.#zoom; }

  #toScreen(x, y) {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    return [(x - this.#centre.x) * this.#scale + width / 2, (y - this.#centre.y) * this.#scale + height / 2];
  }

  // --- hands
  #down(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (this.#pointers.size === 1) this.#moved = 0;
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) {
      this.#canvas.style.cursor = this.#at(event.offsetX, event.offsetY) ? 'pointer' : 'grab';
      return;
    }
    const now = { x: event.offsetX, y: event.offsetY };
    this.#moved += Math.hypot(now.x - before.x, now.y - before.y);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (other) {
      const apart = Math.hypot(before.x - other.x, before.y - other.y);
      if (apart > 0) this.#zoomAt((now.x + other.x) / 2, (now.y + other.y) / 2, Math.log2(Math.hypot(now.x - other.x, now.y - other.y) / apart));
    } else {
      this.#pan(before.x - now.x, before.y - now.y);
    }
  }

  #up(event) {
    const wasDown = this.#pointers.delete(event.pointerId);
    if (wasDown && event.type === 'pointerup' && this.#pointers.size === 0 && this.#moved < 6) this.#choose(this.#at(event.offsetX, event.offsetY));
  }

  #key(event) {
    const step = 60;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[event.key]) this.#pan(...moves[event.key]);
    else if (event.key === '+' || event.key === '=') this.zoom(1);
    else if (event.key === '-') this.zoom(-1);
    else if (event.key === '0' || event.key === 'Home') this.whole();
    else if (event.key === 'Enter') this.#choose(this.#at(this.#canvas.clientWidth / 2, this.#canvas.clientHeight / 2, cellSize));
    else return;
    event.preventDefault();
  }

  #pan(x, y) {
    this.#centre = { x: this.#centre.x + x / this.#scale, y: this.#centre.y + y / this.#scale };
    this.#draw();
  }

  // What lies under the place stays there.
  #zoomAt(x, y, steps) {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const under = { x: this.#centre.x + (x - width / 2) / this.#scale, y: this.#centre.y + (y - height / 2) / this.#scale };
    this.#zoom = Math.min(nearest, Math.max(farthest, this.#zoom + steps));
    this.#centre = { x: under.x - (x - width / 2) / this.#scale, y: under.y - (y - height / 2) / this.#scale };
    this.#draw();
  }

  #at(x, y, reach = 0) {
    let best = null, least = Infinity;
    for (const cell of this.#cells) {
      const away = Math.hypot(cell.x - x, cell.y - y);
      if (away <= Math.max(reach, cell.size + 6) && away < least) [best, least] = [cell, away];
    }
    return best;
  }

  #choose(cell) {
    if (!cell) return;
    const worstFirst = cell.members.toSorted((one, other) => this.#state[other] - this.#state[one]);
    this.#page.invokeMethodAsync('Take', worstFirst.slice(0, mostHere), worstFirst.length);
  }

  // --- picture
  #draw() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => { this.#due = false; if (!this.#gone.signal.aborted) this.#paint(); });
  }

  #paint() {
    const canvas = this.#canvas;
    const { clientWidth: width, clientHeight: height } = canvas;
    const density = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * density) || canvas.height !== Math.round(height * density)) [canvas.width, canvas.height] = [Math.round(width * density), Math.round(height * density)];
    const context = canvas.getContext('2d');
    context.setTransform(density, 0, 0, density, 0, 0);
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue(`--${name}`).trim();
    context.fillStyle = colour('page');
    context.fillRect(0, 0, width, height);
    this.#paintTiles(context, width, height);
    this.#paintDistricts(context, colour);
    // A device whose state has not come yet is not one without an alarm.
    if (!this.#isKnown) return;
    this.#gather(width, height);
    // The worst lies on top.
    for (const cell of this.#cells.toSorted((one, other) => one.worst - other.worst)) this.#paintCell(context, cell, colour);
    if (this.#marked >= 0) {
      const [x, y] = this.#toScreen(this.#x[this.#marked], this.#y[this.#marked]);
      context.strokeStyle = colour('focus');
      context.lineWidth = 3;
      context.beginPath(); context.arc(x, y, 19, 0, 7); context.stroke();
    }
  }

  #paintTiles(context, width, height) {
    if (!this.#tiles) return;
    const zoom = Math.round(this.#zoom);
    const count = 2 ** zoom, size = this.#scale / count;
    const first = { x: Math.floor((this.#centre.x - width / 2 / this.#scale) * count), y: Math.floor((this.#centre.y - height / 2 / this.#scale) * count) };
    for (let x = first.x; (x / count - this.#centre.x) * this.#scale < width / 2; x++) {
      for (let y = first.y; (y / count - this.#centre.y) * this.#scale < height / 2; y++) {
        if (x < 0 || y < 0 || x >= count || y >= count) continue;
        const image = this.#image(this.#tiles.replace('{z}', zoom).replace('{x}', x).replace('{y}', y));
        const [left, top] = this.#toScreen(x / count, y / count);
        if (image.complete && image.naturalWidth > 0) context.drawImage(image, left, top, size + 0.5, size + 0.5);
      }
    }
  }

  #image(url) {
    let image = this.#images.get(url);
    if (!image) {
      if (this.#images.size > 400) this.#images.clear();
      image = new Image();
      image.onload = () => this.#draw();
      image.src = url;
      this.#images.set(url, image);
    }
    return image;
  }

  #paintDistricts(context, colour) {
    context.lineJoin = 'round';
    for (const district of this.#districts) {
      context.beginPath();
      for (const ring of district.rings) {
        ring.forEach(([x, y], i) => { const place = this.#toScreen(x, y); if (i === 0) context.moveTo(...place); else context.lineTo(...place); });
        context.closePath();
      }
      if (!this.#tiles) { context.fillStyle = colour('panel'); context.fill('evenodd'); }
      context.strokeStyle = colour('edge');
      context.lineWidth = 1.2;
      context.stroke();
    }
    context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = colour('quiet');
    for (const district of this.#districts) {
      const { left, right, top, bottom } = district.bounds;
      const text = this.#language === 'zh' ? district.chinese : district.name;
      if ((right - left) * this.#scale > context.measureText(text).width) context.fillText(text, ...this.#toScreen((left + right) / 2, (top + bottom) / 2));
    }
  }

  // Cells lie fixed on the city, so that moving the map changes none of them.
  #gather(width, height) {
    const scale = this.#scale;
    const margin = cellSize / scale;
    const left = this.#centre.x - width / 2 / scale - margin, right = this.#centre.x + width / 2 / scale + margin;
    const top = this.#centre.y - height / 2 / scale - margin, bottom = this.#centre.y + height / 2 / scale + margin;
    const side = (this.#zoom >= nearest - 0.5 ? 12 : cellSize) / (tile * 2 ** Math.floor(this.#zoom));
    const across = 1 / side;
    const cells = new Map();
    for (let i = 0; i < this.#x.length; i++) {
      const x = this.#x[i], y = this.#y[i];
      if (x < left || x > right || y < top || y > bottom) continue;
      const key = Math.floor(y * across) * Math.ceil(across) + Math.floor(x * across);
      let cell = cells.get(key);
      if (!cell) cells.set(key, cell = { sumX: 0, sumY: 0, worst: 0, alarms: 0, members: [] });
      cell.sumX += x;
      cell.sumY += y;
      cell.members.push(i);
      if (this.#state[i] > 0) cell.alarms++;
      if (this.#state[i] > cell.worst) cell.worst = this.#state[i];
    }
    this.#cells = [...cells.values()].map(cell => {
      const count = cell.members.length;
      const [x, y] = this.#toScreen(cell.sumX / count, cell.sumY / count);
      return { ...cell, x, y, size: count === 1 ? (cell.worst > 0 ? 8 : 4) : Math.min(18, 8 + 2 * Math.log2(count) / 1.4) };
    });
  }

  #paintCell(context, cell, colour) {
    const { x, y, size, worst } = cell;
    context.beginPath();
    shapes[worst](context, x, y, size);
    context.fillStyle = worst === 0 ? colour('button-over') : colour(severities[worst]);
    context.fill();
    context.strokeStyle = worst === 0 ? colour('quiet') : colour('panel');
    context.lineWidth = worst === 0 ? 1 : 1.5;
    context.stroke();
    if (cell.members.length === 1) return;
    context.font = `600 11px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const dark = document.documentElement.dataset.theme === 'dark';
    context.fillStyle = worst === 0 ? colour('ink') : worst === 2 || dark ? '#14181b' : '#fff';
    context.fillText(String(worst === 0 ? cell.members.length : cell.alarms), x, y + (worst === 2 ? 3 : 0));
  }
}

const square = (context, x, y, size) => context.rect(x - size, y - size, 2 * size, 2 * size);
const circle = (context, x, y, size) => context.arc(x, y, size, 0, 7);

function diamond(context, x, y, size) {
  const reach = size * 1.25;
  context.moveTo(x, y - reach);
  context.lineTo(x + reach, y);
  context.lineTo(x, y + reach);
  context.lineTo(x - reach, y);
  context.closePath();
}

function triangle(context, x, y, size) {
  const reach = size * 1.3;
  context.moveTo(x, y - reach);
  context.lineTo(x + reach, y + reach * 0.8);
  context.lineTo(x - reach, y + reach * 0.8);
  context.closePath();
}

const shapes = [circle, circle, triangle, diamond, square];

function boundsOf(places) {
  const bounds = { left: 1, right: 0, top: 1, bottom: 0 };
  for (const [x, y] of places) {
    bounds.left = Math.min(bounds.left, x);
    bounds.right = Math.max(bounds.right, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.bottom = Math.max(bounds.bottom, y);
  }
  return bounds;
}
