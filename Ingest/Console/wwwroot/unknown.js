// What sends and is not in the register: a list, and a button that enters the device and decodes what it sent before.

import { get, post } from './api.js';
import { dayTimeText } from './format.js';

const every = 15000;

const fields = (wireId, families) => [
  { name: 'id', label: 'Device id', zh: '设备编号', required: true, initial: wireId },
  { name: 'family', label: 'Family', zh: '类别', options: [...families.filter(family => family.channels.length > 0).map(family => [family.family, `${family.title.en} · ${family.title.zh}`]), ['', 'a sensor more of a registered device · 已登记设备的传感器']] },
  { name: 'model', label: 'Sensor model, such as milesight-em320-tilt', zh: '型号' },
  { name: 'gateway', label: 'Gateway', zh: '网关' },
  { name: 'district', label: 'District', zh: '区' },
  { name: 'street', label: 'Street', zh: '街道' },
  { name: 'address', label: 'Address', zh: '地址' },
  { name: 'parent', label: 'Station, tunnel or pump house', zh: '所属站点' },
];

export class UnknownDevices {
  #$;
  #families;
  #ask;
  #attempt;

  // ask(title, fields) gives a body or null; attempt(what, work) says a failure.
  constructor(elements, { families, ask, attempt }) {
    [this.#$, this.#families, this.#ask, this.#attempt] = [elements, families, ask, attempt];
    this.#read();
    setInterval(() => document.hidden || this.#read(), every);
  }

  // A list that cannot be read stays as it was: the live stream says that the service is away.
  #read = () => get('api/v1/devices/unknown').then(list => this.#show(list), () => {});

  #show({ items, dropped }) {
    const { section, count, rows } = this.#$;
    section.hidden = items.length === 0 && !this.#$.said.textContent;
    count.textContent = items.length + (dropped ? ` (and ${dropped} before them, forgotten)` : '');
    rows.replaceChildren(...items.slice(0, 200).map(item => this.#row(item)));
  }

  #row(item) {
    const row = document.createElement('tr');
    const adopt = document.createElement('button');
    adopt.type = 'button';
    adopt.textContent = 'Adopt… 登记';
    adopt.addEventListener('click', () => this.#adopt(item.wireId));
    row.append(
      cell(item.wireId, item.format), cell(dayTimeText(Date.parse(item.lastSeen)), `since ${dayTimeText(Date.parse(item.firstSeen))}`),
      cell(item.count.toLocaleString('en'), '', 'number'), cell(item.lastDetail, item.topic), cell('', '', 'do'));
    row.lastChild.append(adopt);
    return row;
  }

  async #adopt(wireId) {
    const body = await this.#ask(`Adopt ${wireId} 登记设备`, fields(wireId, this.#families()));
    if (!body) return;
    const { by, model, ...device } = body;
    // The model is the sensor's: the device may be of another make, or have several.
    if (model) device.sensors = { [wireId]: model };
    await this.#attempt(`adopting ${wireId}`, async () => {
      const { redecoded } = await post(`api/v1/devices/unknown/${encodeURIComponent(wireId)}/adopt${by ? `?by=${encodeURIComponent(by)}` : ''}`, device);
      this.#$.said.textContent = `${device.id}: ${redecoded.readings} readings from ${redecoded.letters} messages that it had sent. 已登记，补录 ${redecoded.readings} 条数据。`;
      await this.#read();
    });
  }
}

function cell(text, sub, name = '') {
  const td = document.createElement('td');
  td.className = name;
  td.textContent = text;
  if (sub) {
    const small = document.createElement('span');
    small.className = 'sub';
    small.textContent = sub;
    td.append(small);
  }
  return td;
}
