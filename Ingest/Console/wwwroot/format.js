// Words, numbers and times as the operator reads them.

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minute = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit' });
const date = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai', month: '2-digit', day: '2-digit' });

export const severities = ['critical', 'high', 'medium', 'low'];
export const marks = { critical: 'P1', high: 'P2', medium: 'P3', low: 'P4' };

const states = {
  active_unacknowledged: 'active',
  active_acknowledged: 'active, acknowledged',
  cleared_unacknowledged: 'over, not acknowledged',
  latched_unacknowledged: 'over, latched',
  latched_acknowledged: 'over, latched, acknowledged',
  shelved: 'shelved', suppressed: 'suppressed', out_of_service: 'out of service', normal: 'ended',
};

export const overlays = ['shelved', 'suppressed', 'out_of_service'];
export const stateText = state => states[state] ?? state;
export const timeText = ms => clock.format(ms);
export const minuteText = ms => minute.format(ms);
export const dayTimeText = ms => `${date.format(ms)} ${clock.format(ms)}`;

export function ageText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, '0')} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

export function numberText(number) {
  if (number === null || number === undefined) return '–';
  const size = Math.abs(number);
  if (size !== 0 && (size < 0.001 || size >= 1e7)) return number.toExponential(2);
  return number.toLocaleString('en', { maximumFractionDigits: size < 1 ? 4 : size < 100 ? 2 : 1 });
}

// UCUM codes that people write otherwise.
const units = { Cel: '°C', deg: '°', '[ppm]': 'ppm', '%{LEL}': '%LEL', m3: 'm³', 'm3/h': 'm³/h', 'm-1': 'm⁻¹', 'cd/m2': 'cd/m²', d: 'd', 1: '' };
export const unitText = unit => unit ? units[unit] ?? unit : '';

export function valueText(value, unit) {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  const text = unitText(unit);
  return text ? `${numberText(value)} ${text}` : numberText(value);
}

export const titleText = alarm => alarm.title?.en ?? alarm.rule.replaceAll('_', ' ');
