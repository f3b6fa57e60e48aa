// The operators' load against its targets: one line above the alarms, for the chosen position.

import { get } from './api.js';
import { minuteText } from './format.js';

const every = 5000;

export class LoadLine {
  #$;
  #chosen = localStorage.getItem('position');

  // fail(message) says why it cannot be read; fail('') that it can again.
  constructor(elements, fail) {
    this.#$ = elements;
    elements.position.addEventListener('change', () => {
      this.#chosen = elements.position.value;
      localStorage.setItem('position', this.#chosen);
      this.#read(fail);
    });
    this.#read(fail);
    setInterval(() => this.#read(fail), every);
  }

  async #read(fail) {
    if (document.hidden) return;
    try {
      this.#show((await get('api/v1/load', { days: 1 })).filter(load => load.position !== null));
      fail('');
    } catch (error) {
      fail(error.message);
    }
  }

  #show(positions) {
    const load = positions.find(each => each.position === this.#chosen) ?? positions[0];
    const { line, position, flood } = this.#$;
    line.hidden = false;
    position.hidden = positions.length < 2;
    if (position.options.length !== positions.length) position.replaceChildren(...positions.map(each => new Option(each.position)));
    position.value = load.position;
    this.#figure('tenMinutes', load.alarmsPer10Minutes);
    this.#figure('day', load.alarmsPerDay);
    this.#figure('standing', load.standing);
    this.#figure('stale', load.stale);
    this.#$.shelved.textContent = load.shelved.length.toLocaleString('en');
    flood.hidden = !load.floods.now;
    flood.textContent = load.floods.now ? `Alarm flood since ${minuteText(Date.parse(load.floods.since))}: ${load.alarmsPer10Minutes.value} alarms in 10 min. 报警泛滥` : '';
  }

  #figure(name, { value, target, maximum }) {
    this.#$[name].textContent = value.toLocaleString('en');
    const most = maximum ?? target;
    this.#$[name].classList.toggle('abnormal', most !== null && value > most);
  }
}
