// The panel of one device: which channels it has, one of them as a chart, live.

import { get } from './api.js';
import { Chart } from './chart.js';
import { numberText, unitText, valueText } from './format.js';

const hour = 3600000;
// A day of ten-second values is more than a screen has columns; buckets show their spread.
const ranges = [{ text: '1 h', length: hour }, { text: '6 h', length: 6 * hour, every: '1m', size: 60000 }, { text: '24 h', length: 24 * hour, every: '1m', size: 60000 }];
const mostInstances = 40;

export class DevicePanel {
  #parts;
  #families;
  #chart;
  #device = null;
  #alarm = null;
  #channels = new Map();
  #channel = null;
  #range = ranges[0];
  #points = [];
  #asked = 0;

  constructor(parts, families) {
    this.#parts = parts;
    this.#families = families;
    this.#chart = new Chart(parts.chart);
    parts.channel.addEventListener('change', () => { this.#channel = parts.channel.value; this.#load(); });
    for (const range of ranges) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = range.text;
      button.addEventListener('click', () => { this.#range = range; this.#press(); this.#load(); });
      parts.ranges.append(button);
    }
    this.#press();
    setInterval(() => this.#draw(), 1000);
    // Buckets change with time; the live stream alone brings raw values.
    setInterval(() => { if (this.#range.every) this.#load(); }, 30000);
  }

  async show(id, alarm) {
    const asked = ++this.#asked;
    const device = await get(`api/v1/devices/${encodeURIComponent(id)}`);
    if (asked !== this.#asked) return;
    this.#device = device;
    this.#alarm = alarm;
    this.#channels = new Map();
    this.#points = [];
    this.#about();
    for (const channel of this.#family()?.channels ?? []) if (!channel.group) this.#channels.set(channel.channel, channel);
    const subject = alarm && await this.#subject(alarm);
    if (subject) this.#know(subject);
    await this.#findInstances(asked);
    if (asked !== this.#asked) return;
    this.#fillChannels();
    this.#channel = subject ?? this.#channels.keys().next().value ?? null;
    this.#parts.channel.value = this.#channel ?? '';
    await this.#load();
  }

  // After a lost connection the stream does not repeat the readings of the time between.
  refresh() { this.#load(); }

  // Readings of the live stream.
  hear(reading) {
    if (reading.device !== this.#device?.id) return;
    for (const { channel, value, quality } of reading.values) {
      if (!this.#channels.has(channel) && this.#know(channel)) this.#fillChannels();
      if (channel !== this.#channel) continue;
      this.#parts.latest.textContent = `${valueText(value, this.#definition()?.unit)}${quality === 'good' ? '' : ` (${quality})`}`;
      if (!this.#range.every) this.#insert({ time: Date.parse(reading.time), value, quality });
    }
    this.#draw();
  }

  #family() { return this.#families().find(family => family.family === this.#device?.family); }

  #definition() { return this.#channels.get(this.#channel); }

  #know(name) {
    const definition = this.#family()?.channels.find(channel => channel.channel === name || channel.group && channel.channel === name.replace(/\.\d+$/, ''));
    if (definition) this.#channels.set(name, definition);
    return definition;
  }

  // The channel that the alarm is about; where it names none, the first that its rule's condition looks at.
  async #subject(alarm) {
    if (alarm.channel) return alarm.channel;
    const { provenance } = await get(`api/v1/alarms/${alarm.id}`);
    const words = provenance.conditions.join(' ').match(/[a-z_0-9]+/g) ?? [];
    const channels = this.#family()?.channels ?? [];
    const found = words.map(word => channels.find(channel => channel.channel === word)).find(Boolean);
    if (!found) return null;
    if (!found.group) return found.channel;
    return alarm.instance ? `${found.channel}.${alarm.instance}` : null;
  }

  // The register does not say how many pumps there are: ask for the first, second, … until one has no values.
  async #findInstances(asked) {
    const grouped = this.#family()?.channels.filter(channel => channel.group) ?? [];
    const groups = Map.groupBy(grouped, channel => channel.group);
    await Promise.all([...groups.values()].map(async channels => {
      for (let instance = 1; instance <= mostInstances && asked === this.#asked; instance++) {
        const found = await get(`api/v1/devices/${encodeURIComponent(this.#device.id)}/readings`, { channel: `${channels[0].channel}.${instance}`, limit: 1 });
        if (found.items.length === 0) return;
        for (const channel of channels) this.#channels.set(`${channel.channel}.${instance}`, channel);
      }
    }));
  }

  #fillChannels() {
    const names = [...this.#channels.keys()];
    this.#parts.channel.replaceChildren(...names.map(name => {
      const option = document.createElement('option');
      const { title } = this.#channels.get(name);
      option.value = name;
      option.textContent = `${name} · ${title.zh}`;
      return option;
    }));
    this.#parts.channel.disabled = names.length === 0;
    this.#parts.channel.value = this.#channel ?? '';
  }

  #about() {
    const { id, family, district, street, gateway, state } = this.#device;
    const strong = document.createElement('b');
    strong.textContent = id;
    const words = [family.replaceAll('_', ' '), district, street, gateway && `via ${gateway}`, state !== 'live' && state].filter(Boolean);
    this.#parts.about.replaceChildren(strong, ` · ${words.join(' · ')}`);
    this.#parts.latest.textContent = '';
  }

  #press() {
    [...this.#parts.ranges.children].forEach((button, index) => button.setAttribute('aria-pressed', String(ranges[index] === this.#range)));
  }

  async #load() {
    if (!this.#device || !this.#channel) { this.#draw(); return; }
    const [device, channel, range] = [this.#device, this.#channel, this.#range];
    let rows;
    try {
      rows = await get(`api/v1/devices/${encodeURIComponent(device.id)}/readings`, { channel, from: Date.now() - range.length, every: range.every });
    } catch (error) {
      this.#parts.latest.textContent = error.message;
      return;
    }
    if (device !== this.#device || channel !== this.#channel || range !== this.#range) return;
    this.#points = rows.map(row => range.every
      ? { time: Date.parse(row.time) + range.size / 2, value: row.mean ?? row.last, min: row.min, max: row.max, quality: 'good' }
      : { time: Date.parse(row.time), value: row.value, quality: row.quality });
    const last = rows.at(-1);
    this.#parts.latest.textContent = last ? valueText(last.value ?? last.last, this.#definition()?.unit) : '';
    this.#draw();
  }

  #insert(point) {
    const points = this.#points;
    let at = points.length;
    while (at > 0 && points[at - 1].time > point.time) at--;
    points.splice(at, 0, point);
    const oldest = Date.now() - this.#range.length - 60000;
    while (points.length && points[0].time < oldest) points.shift();
  }

  #draw() {
    if (!this.#device) return;
    const definition = this.#definition();
    const states = definition?.type === 'state' ? definition.states : definition?.type === 'boolean' ? ['no', 'yes'] : null;
    const steps = states && !this.#range.every || definition?.type === 'state' ? states : null;
    const to = Date.now();
    this.#chart.show({
      points: this.#points.map(point => ({ ...point, value: this.#level(point, definition) })),
      from: to - this.#range.length,
      to,
      gap: steps ? Infinity : this.#gap(definition),
      unit: definition?.unit,
      states: steps,
      limits: this.#limits(),
      marks: this.#alarm && this.#alarm.channel === this.#channel ? [{ time: Date.parse(this.#alarm.raisedAt), text: 'raised', severity: this.#alarm.severity }] : [],
    });
  }

  #level(point, definition) {
    if (point.quality === 'bad' || point.value === null || point.value === undefined) return null;
    if (typeof point.value === 'boolean') return point.value ? 1 : 0;
    if (typeof point.value === 'string') { const index = definition?.states.indexOf(point.value) ?? -1; return index < 0 ? null : index; }
    return point.value;
  }

  // As the rules see it: a value counts for 2.5 periods.
  #gap(definition) {
    const size = { s: 1000, m: 60000, h: hour, d: 24 * hour };
    const every = /^(\d+)([smhd])$/.exec(definition?.every ?? '');
    const period = every ? every[1] * size[every[2]] : Infinity;
    return Math.max(2.5 * period, 2.5 * (this.#range.size ?? 0));
  }

  #limits() {
    const alarm = this.#alarm;
    if (!alarm || alarm.limit === null || alarm.channel !== this.#channel) return [];
    return [{ value: alarm.limit, text: `limit ${numberText(alarm.limit)} ${unitText(alarm.unit)}`, severity: alarm.severity }];
  }
}
