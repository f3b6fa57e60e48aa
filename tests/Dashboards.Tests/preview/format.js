'use strict';
// Values as Grafana writes them: @grafana/data valueFormats, for the units that our dashboards use.

function decimalsOf(value) {
  const size = Math.abs(value);
  const log10 = Math.floor(Math.log(size) / Math.LN10);
  let decimals = -log10 + 1;
  if (size / Math.pow(10, -decimals) > 2.25) decimals++;
  return value % 1 === 0 ? 0 : Math.max(0, decimals);
}

const fixed = (value, decimals) => value.toFixed(Math.min(10, decimals ?? decimalsOf(value)));

const scaled = (factor, names, offset = 0) => (value, decimals) => {
  const step = value === 0 ? 0 : Math.floor(Math.log(Math.abs(value)) / Math.log(factor) + 1e-12);
  const at = Math.min(Math.max(step, -offset), names.length - 1 - offset);
  return fixed(value / Math.pow(factor, at), decimals) + names[offset + at];
};

const prefixed = (unit, offset = 0) => scaled(1000, ['n', 'µ', 'm', '', 'k', 'M', 'G'].map(prefix => ` ${prefix}${unit}`), 3 + offset);

const durations = [[31556900, 'year'], [604800, 'week'], [86400, 'day'], [3600, 'hour'], [60, 'min']];

function seconds(value, decimals) {
  if (value === 0) return '0 s';
  if (Math.abs(value) < 1) return fixed(value * 1000, decimals) + ' ms';
  const [size, name] = durations.find(each => Math.abs(value) >= each[0]) ?? [1, 's'];
  const count = value / size;
  return `${fixed(count, decimals)} ${name}${name !== 's' && Math.abs(count) > 1 ? 's' : ''}`;
}

function fromNow(value) {
  const past = (preview.now - value) / 1000;
  const steps = [[45, 'a few seconds'], [90, 'a minute'], [2700, m => `${Math.round(m / 60)} minutes`], [5400, 'an hour'], [79200, h => `${Math.round(h / 3600)} hours`], [129600, 'a day'], [Infinity, d => `${Math.round(d / 86400)} days`]];
  const text = steps.find(step => past < step[0])[1];
  return `${typeof text === 'string' ? text : text(past)} ago`;
}

const cityTime = new Intl.DateTimeFormat('sv-SE', { timeZone: preview.dashboard.timezone, dateStyle: 'short', timeStyle: 'medium' });

const units = {
  none: fixed, short: scaled(1000, ['', ' K', ' Mil', ' Bil']), s: seconds, ms: (v, d) => seconds(v / 1000, d), dateTimeFromNow: fromNow, dateTimeAsIso: value => cityTime.format(value),
  percent: (v, d) => fixed(v, d) + '%', percentunit: (v, d) => fixed(v * 100, d) + '%', degree: (v, d) => fixed(v, d) + ' °',
  lengthm: prefixed('m'), lengthmm: prefixed('m', -1), amp: prefixed('A'), dBm: prefixed('dBm'), volt: prefixed('V'),
  bytes: scaled(1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB']), decbytes: scaled(1000, [' B', ' kB', ' MB', ' GB', ' TB']),
};
for (const [id, text] of Object.entries({ velocityms: 'm/s', velocitykmh: 'km/h', pressurekpa: 'kPa', pressurebar: 'bar', celsius: '°C', lux: 'lux', humidity: '%H' }))
  units[id] = (v, d) => `${fixed(v, d)} ${text}`;

/** A value with its unit, mapping and threshold: {text, colour}. */
function display(value, config) {
  for (const mapping of config.mappings ?? []) {
    const found = mapping.type === 'value' ? mapping.options[String(value)]
      : mapping.type === 'range' && value >= (mapping.options.from ?? -Infinity) && value <= (mapping.options.to ?? Infinity) ? mapping.options.result
      : mapping.type === 'special' && mapping.options.match === 'null' && value === null ? mapping.options.result : undefined;
    if (found) return { text: found.text ?? String(value), colour: found.color ?? thresholdColour(value, config) };
  }
  if (value === null || value === undefined) return { text: config.noValue ?? '', colour: colourOf('text') };
  if (typeof value === 'string') return { text: value, colour: colourOf('text') };
  const number = Number(value);
  const unit = config.unit || 'none';
  const text = unit.startsWith('suffix:') ? fixed(number, config.decimals) + unit.slice(7)
    : unit.startsWith('prefix:') ? unit.slice(7) + fixed(number, config.decimals)
    : (units[unit] ?? ((v, d) => `${fixed(v, d)} ${unit}?`))(number, config.decimals);
  return { text, colour: thresholdColour(number, config) };
}

function thresholdColour(value, config) {
  const steps = config.thresholds?.steps ?? [];
  let colour = steps[0]?.color ?? 'text';
  for (const step of steps) if (step.value !== null && Number(value) >= step.value) colour = step.color;
  return colourOf(colour);
}

const named = { text: '#ccccdc', red: '#f2495c', orange: '#ff9830', yellow: '#fade2a', green: '#73bf69', blue: '#5794f2', purple: '#b877d9', transparent: 'rgba(0,0,0,0)' };
const colourOf = name => named[name] ?? name;
