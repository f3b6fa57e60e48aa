// The alarm table: most severe first, newest first within; at most so many rows, however many alarms stand.

import { actionOf, possible } from './actions.js';
import { ageText, dayTimeText, marks, minuteText, overlays, severities, stateText, titleText, unitText, valueText, numberText } from './format.js';

const step = 200;
const ended = alarm => alarm.state === 'normal';
const over = alarm => alarm.state.startsWith('cleared') || alarm.state.startsWith('latched');
const unacknowledged = alarm => alarm.state.endsWith('_unacknowledged');
const rank = alarm => severities.indexOf(alarm.severity);

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

export class AlarmTable {
  #open = new Map();
  #rows = new Map();
  #shown = step;
  #planned = false;
  #chosen = null;
  #filter = { kind: 'alarm', severity: '', family: '', text: '', overlay: '' };
  #parts;
  #actions;

  // actions: { act(alarm, action), choose(alarm) }
  constructor(parts, actions) {
    this.#parts = parts;
    this.#actions = actions;
    parts.more.addEventListener('click', () => { this.#shown += step; this.#render(); });
    setInterval(() => this.#age(), 1000);
    this.#countButtons();
    this.#overlayButtons();
  }

  replace(alarms) {
    this.#open = new Map(alarms.map(alarm => [alarm.id, alarm]));
    this.#plan();
  }

  // True if the alarm asks for attention that it did not ask for before.
  set(alarm) {
    const before = this.#open.get(alarm.id);
    if (ended(alarm)) this.#open.delete(alarm.id);
    else this.#open.set(alarm.id, alarm);
    this.#plan();
    return alarm.soundedAt !== null && alarm.soundedAt !== before?.soundedAt && !ended(alarm);
  }

  filter(change) {
    Object.assign(this.#filter, change);
    this.#shown = step;
    this.#render();
  }

  choose(alarm) {
    this.#chosen = alarm?.id ?? null;
    this.#render();
  }

  // A storm changes thousands of alarms a second; the eye needs four pictures of it.
  #plan() {
    if (this.#planned) return;
    this.#planned = true;
    setTimeout(() => { this.#planned = false; this.#render(); }, 250);
  }

  #matches(alarm, withSeverity) {
    const { kind, severity, family, text } = this.#filter;
    if (kind && alarm.kind !== kind || family && alarm.family !== family) return false;
    if (withSeverity && severity && alarm.severity !== severity) return false;
    if (!text) return true;
    const hay = [alarm.device, alarm.district, alarm.street, alarm.rule, alarm.title?.en, alarm.title?.zh].join(' ').toLowerCase();
    return text.toLowerCase().split(/\s+/).every(word => hay.includes(word));
  }

  #render() {
    const found = [...this.#open.values()].filter(alarm => this.#matches(alarm, false));
    this.#countOverlays(found);
    const { severity, overlay } = this.#filter;
    // What is hidden stands in a list of its own, so that the wall shows what wants someone.
    const matching = found.filter(alarm => overlay ? alarm.state === overlay : !overlays.includes(alarm.state));
    this.#count(matching);
    const listed = matching.filter(alarm => !severity || alarm.severity === severity)
      .sort((a, b) => rank(a) - rank(b) || (a.raisedAt < b.raisedAt ? 1 : a.raisedAt > b.raisedAt ? -1 : a.id < b.id ? -1 : 1));
    const { body, more, empty } = this.#parts;
    const visible = listed.slice(0, this.#shown);
    const wanted = new Set(visible.map(alarm => alarm.id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    // Rows stay in place where they can, so that focus and a finger on a button are not pulled away.
    let next = body.firstChild;
    for (const alarm of visible) {
      const row = this.#row(alarm);
      if (row === next) next = next.nextSibling;
      else body.insertBefore(row, next);
    }
    const hidden = listed.length - visible.length;
    more.hidden = hidden === 0;
    more.textContent = `Show ${Math.min(step, hidden)} more of ${hidden}`;
    empty.hidden = listed.length > 0;
    this.#age();
  }

  #row(alarm) {
    const known = this.#rows.get(alarm.id);
    if (known?.alarm === alarm) {
      known.element.classList.toggle('chosen', alarm.id === this.#chosen);
      return known.element;
    }
    const row = known?.element ?? document.createElement('tr');
    const focused = row.contains(document.activeElement) ? document.activeElement.dataset.do : null;
    row.className = [alarm.severity, unacknowledged(alarm) ? 'unacknowledged' : 'acknowledged', over(alarm) ? 'over' : '', alarm.id === this.#chosen ? 'chosen' : ''].join(' ').trim();
    row.replaceChildren(...this.#cells(alarm));
    this.#rows.set(alarm.id, { element: row, alarm, age: row.querySelector('.age') });
    if (focused) (row.querySelector(`[data-do=${focused}]`) ?? row.querySelector('button'))?.focus();
    return row;
  }

  #cells(alarm) {
    const severity = element('td');
    const mark = element('span', 'mark', marks[alarm.severity]);
    mark.title = alarm.severity;
    severity.append(mark);

    const title = element('td', 'title');
    title.append(element('b', '', titleText(alarm) + (alarm.instance ? ` · ${alarm.instance}` : '')));
    if (alarm.title?.zh) { const zh = element('span', 'zh', alarm.title.zh); zh.lang = 'zh'; title.append(zh); }
    if (alarm.detail) title.append(element('span', 'sub', alarm.detail));
    if (alarm.action) {
      title.append(element('span', 'action', `→ ${alarm.action.en}`));
      const zh = element('span', 'action zh', alarm.action.zh);
      zh.lang = 'zh';
      title.append(zh);
    }

    const device = element('td');
    device.append(this.#button('choose', alarm.device, () => this.#actions.choose(alarm), 'plain'));
    device.append(element('span', 'sub', [alarm.district, alarm.street].filter(Boolean).join(' · ') || alarm.family.replaceAll('_', ' ')));

    const raised = element('td', 'time', dayTimeText(Date.parse(alarm.raisedAt)));
    raised.append(element('span', 'sub age'));

    const value = element('td', 'number value', valueText(alarm.value, alarm.unit));
    if (alarm.limit !== null) value.append(element('span', 'sub', `limit ${numberText(alarm.limit)} ${unitText(alarm.unit)}`));

    const state = element('td', 'state', stateText(alarm.state));
    for (const line of this.#about(alarm)) state.append(element('span', 'sub', line));

    return [severity, title, device, raised, value, state, this.#doing(alarm)];
  }

  // Beside the state: who has seen it, what lies over it and what beneath, who goes, what is odd about it.
  #about(alarm) {
    const { overlay } = alarm;
    const cause = alarm.suppressedBy && (this.#open.get(alarm.suppressedBy) ?? null);
    return [
      alarm.mode !== 'live' && `in ${alarm.mode}`,
      alarm.acknowledgedBy && `by ${alarm.acknowledgedBy}`,
      overlay && `${overlay.until ? `until ${minuteText(Date.parse(overlay.until))} ` : ''}by ${overlay.by}${overlay.second ? ` and ${overlay.second}` : ''}: ${overlay.reason}`,
      overlay?.permit && `permit ${overlay.permit}; watch: ${overlay.watch}`,
      alarm.suppressedBy && `explained by ${cause ? titleText(cause) : 'an event'}`,
      overlays.includes(alarm.state) && `beneath: ${stateText(alarm.underlying)}`,
      alarm.doneAt ? 'done' : alarm.onSiteAt ? `${alarm.acceptedBy} on site` : alarm.acceptedBy ? `accepted by ${alarm.acceptedBy}` : alarm.declinedBy ? `declined by ${alarm.declinedBy}` : alarm.assignedTo && `assigned to ${alarm.assignedTo}`,
      alarm.responseOverdue && 'nobody on site in time',
      alarm.falseAlarm && `false alarm: ${alarm.falseAlarm}`,
      alarm.chattering && `chatters; an on-delay of ${alarm.proposedOnDelay} would end it`,
    ].filter(Boolean);
  }

  #doing(alarm) {
    const act = element('td', 'do');
    const names = possible(alarm);
    if (names[0] === 'acknowledge' || names[0] === 'reset') {
      const [first] = names.splice(0, 1);
      act.append(this.#button(first, actionOf(first).text, () => this.#actions.act(alarm, first)));
    }
    const menu = document.createElement('select');
    menu.dataset.do = 'menu';
    menu.setAttribute('aria-label', `More to do with ${titleText(alarm)}, ${alarm.device}`);
    menu.append(new Option('More…', ''), ...names.map(name => new Option(`${actionOf(name).text} ${actionOf(name).zh}`, name)));
    menu.addEventListener('change', () => {
      const name = menu.value;
      menu.value = '';
      if (name) this.#actions.act(alarm, name);
    });
    act.append(menu);
    return act;
  }

  #button(what, text, act, className) {
    const button = element('button', className, text);
    button.type = 'button';
    button.dataset.do = what;
    button.addEventListener('click', () => act(button));
    return button;
  }

  #age() {
    const now = Date.now();
    for (const { alarm, age } of this.#rows.values()) {
      const text = ageText(now - Date.parse(alarm.raisedAt));
      if (age.textContent !== text) age.textContent = text;
    }
  }

  #countButtons() {
    for (const severity of severities) {
      const button = element('button', severity);
      button.type = 'button';
      button.append(element('span', 'mark', marks[severity]), element('span', 'count', '0'));
      button.setAttribute('aria-pressed', 'false');
      button.addEventListener('click', () => this.filter({ severity: this.#filter.severity === severity ? '' : severity }));
      this.#parts.counts.append(button);
    }
  }

  #overlayButtons() {
    for (const state of overlays) {
      const button = element('button', state);
      button.type = 'button';
      button.addEventListener('click', () => this.filter({ overlay: this.#filter.overlay === state ? '' : state }));
      this.#parts.overlays.append(button);
    }
    this.#countOverlays([]);
  }

  #countOverlays(alarms) {
    for (const button of this.#parts.overlays.children) {
      const state = button.classList[0];
      const count = alarms.filter(alarm => alarm.state === state).length;
      button.textContent = `${count} ${stateText(state)}`;
      button.classList.toggle('none', count === 0);
      button.setAttribute('aria-pressed', String(this.#filter.overlay === state));
    }
  }

  #count(alarms) {
    const counts = Object.fromEntries(severities.map(severity => [severity, { all: 0, open: 0 }]));
    for (const alarm of alarms) {
      counts[alarm.severity].all++;
      if (unacknowledged(alarm)) counts[alarm.severity].open++;
    }
    for (const button of this.#parts.counts.children) {
      const severity = button.classList[0];
      const { all, open } = counts[severity];
      button.classList.toggle('none', all === 0);
      button.setAttribute('aria-pressed', String(this.#filter.severity === severity));
      button.setAttribute('aria-label', `${severity}: ${all}, ${open} not acknowledged`);
      button.querySelector('.count').textContent = all;
    }
  }
}
