'use strict';
// One function a panel kind: draws into an element of known size.

const element = (parent, tag, style = {}, text) => {
  const made = parent.appendChild(document.createElement(tag));
  Object.assign(made.style, style);
  if (text !== undefined) made.textContent = text;
  return made;
};

const measure = document.createElement('canvas').getContext('2d');

/** The largest font that fits, as BigValue chooses it. */
function fittingFont(text, width, height, largest) {
  measure.font = '500 100px Inter, Roboto, "Noto Sans CJK SC", sans-serif';
  return Math.max(8, Math.min(largest ?? 1000, height, 100 * width / measure.measureText(text).width));
}

function stat(panel, box, width, height) {
  const { options } = panel;
  const values = fieldsOf(panel).flatMap(frame => frame.fields.filter(field => !field.isTime && field.values.some(value => typeof value !== 'string')));
  const shown = values.map(field => ({ name: field.shown, field, ...display(reduced(field, options.reduceOptions.calcs[0]), field.config) }));
  if (shown.length === 0) shown.push({ name: '', ...display(null, panel.fieldConfig.defaults) });
  const columns = bestColumns(shown.length, width, height);
  const [w, h] = [width / columns - 4, height / Math.ceil(shown.length / columns) - 4];
  const grid = element(box, 'div', { display: 'grid', gridTemplateColumns: `repeat(${columns}, 1fr)`, gap: '4px', height: '100%' });
  const named = options.textMode === 'value_and_name' || (options.textMode === 'auto' && shown.length > 1);
  const sizes = shown.map(each => fittingFont(each.text, w * 0.92, h * (named ? 0.5 : 0.75)));
  const [size, nameSize] = [Math.min(...sizes), Math.min(...shown.map(each => fittingFont(each.name || 'x', w * 0.92, h * 0.25, 30)))];
  for (const each of shown) {
    const filled = options.colorMode.startsWith('background');
    const cell = element(grid, 'div', { background: filled ? each.colour : '', borderRadius: '3px', overflow: 'hidden', display: 'flex', flexDirection: 'column', justifyContent: 'center', alignItems: options.justifyMode === 'center' ? 'center' : 'flex-start', lineHeight: 1.15, position: 'relative' });
    if (options.graphMode === 'area' && each.field?.values.length > 1) sparkline(cell, each.field.values, w, h, each.colour);
    const onFill = filled ? contrast(each.colour) : '#ccccdc';
    if (named) element(cell, 'div', { fontSize: `${nameSize}px`, color: onFill, whiteSpace: 'nowrap' }, each.name);
    element(cell, 'div', { fontSize: `${size}px`, fontWeight: 500, color: filled ? onFill : options.colorMode === 'none' ? '#ccccdc' : each.colour, whiteSpace: 'nowrap' }, each.text);
  }
}

function bestColumns(count, width, height) {
  let best = 1, most = 0;
  for (let columns = 1; columns <= count; columns++) {
    const [w, h] = [width / columns, height / Math.ceil(count / columns)];
    const size = Math.min(w / 2.2, h);
    if (size > most) [best, most] = [columns, size];
  }
  return best;
}

function contrast(colour) {
  const [r, g, b] = (colour.match(/^#(..)(..)(..)/) ?? [0, '00', '00', '00']).slice(1).map(part => parseInt(part, 16));
  return r * 0.299 + g * 0.587 + b * 0.114 > 140 ? '#111217' : '#f7f8fa';
}

function sparkline(cell, values, w, h, colour) {
  const numbers = values.filter(value => value !== null);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const points = numbers.map((value, i) => `${i / (numbers.length - 1) * w},${h - (value - low) / (high - low || 1) * h * 0.4}`).join(' ');
  cell.insertAdjacentHTML('afterbegin', `<svg width="${w}" height="${h}" style="position:absolute;left:0;bottom:0"><polygon points="0,${h} ${points} ${w},${h}" fill="${colour}" opacity="0.25"/></svg>`);
}

const cellHeights = { sm: 36, md: 48, lg: 56 };

function table(panel, box, width, height) {
  const [frame] = fieldsOf(panel);
  if (!frame || frame.fields[0].values.length === 0) return nothing(panel, box);
  const fields = frame.fields.filter(field => !field.config.custom.hidden && !field.config.custom.hideFrom?.viz);
  const rest = fields.filter(field => !field.config.custom.width).length;
  const given = fields.reduce((sum, field) => sum + (field.config.custom.width ?? 0), 0);
  const rowHeight = cellHeights[panel.options.cellHeight] ?? 36;
  const made = element(box, 'table', { width: '100%', tableLayout: 'fixed', borderCollapse: 'collapse', fontSize: '14px' });
  const head = element(made, 'tr', { height: '36px' });
  for (const field of fields)
    element(head, 'th', { width: `${field.config.custom.width ?? Math.max(100, (width - given) / rest)}px`, textAlign: alignOf(field) }, field.shown);
  for (let row = 0; row < Math.min(frame.fields[0].values.length, Math.ceil(height / rowHeight)); row++) {
    const line = element(made, 'tr', { height: `${rowHeight}px` });
    for (const field of fields) {
      const value = field.isTime ? { text: cityTime.format(field.values[row]), colour: '#ccccdc' } : display(field.values[row], field.config);
      const kind = field.config.custom.cellOptions?.type;
      const style = kind === 'color-background' ? { background: value.colour, color: contrast(value.colour) } : kind === 'color-text' ? { color: value.colour } : field.config.links ? { color: '#6e9fff' } : {};
      element(line, 'td', { textAlign: alignOf(field), ...style }, value.text);
    }
  }
  const more = frame.fields[0].values.length - Math.floor((height - 36) / rowHeight);
  if (more > 0) element(box, 'div', { position: 'absolute', right: '8px', bottom: '4px', background: '#22252b', padding: '1px 6px', borderRadius: '3px', fontSize: '12px', color: '#8e8e99' }, `${more} more rows below`);
}

const alignOf = field => field.config.custom.align && field.config.custom.align !== 'auto' ? field.config.custom.align : field.values.some(value => typeof value === 'number') && !field.isTime && !(field.config.mappings?.length) ? 'right' : 'left';

const nothing = (panel, box) => element(box, 'div', { height: '100%', display: 'grid', placeItems: 'center', color: '#8e8e99', fontSize: '16px' }, panel.fieldConfig?.defaults?.noValue || 'No data');

function stateTimeline(panel, box, width, height) {
  const lines = fieldsOf(panel).map(frame => ({ times: frame.fields[0].values, field: frame.fields[1] })).filter(line => line.field);
  if (lines.length === 0) return nothing(panel, box);
  const page = lines.slice(0, panel.options.perPage ?? 20);
  measure.font = '12px Inter, Roboto, "Noto Sans CJK SC", sans-serif';
  const left = Math.min(width * 0.3, Math.max(...page.map(line => measure.measureText(line.field.shown).width)) + 12);
  const step = (height - 24) / page.length;
  const x = time => left + (time - preview.from) / (preview.to - preview.from) * (width - left);
  let svg = '';
  page.forEach(({ times, field }, row) => {
    const [y, h] = [row * step + step * (1 - panel.options.rowHeight) / 2, step * panel.options.rowHeight];
    svg += `<text x="${left - 8}" y="${y + h / 2 + 4}" text-anchor="end" class="axis">${escaped(field.shown)}</text>`;
    for (let i = 0; i < times.length;) {
      const shown = display(field.values[i], field.config);
      let end = i + 1;
      while (panel.options.mergeValues && end < times.length && field.values[end] === field.values[i]) end++;
      const [from, to] = [Math.max(left, x(times[i])), x(end < times.length ? times[end] : preview.to)];
      if (to <= from) { i = end; continue; }
      svg += `<rect x="${from}" y="${y}" width="${Math.max(0.5, to - from)}" height="${h}" fill="${shown.colour}" fill-opacity="${(field.config.custom.fillOpacity ?? 70) / 100}"/>`;
      if (panel.options.showValue !== 'never' && measure.measureText(shown.text).width + 6 < to - from && h > 12)
        svg += `<text x="${from + 4}" y="${y + h / 2 + 4}" class="axis" style="fill:${contrast(shown.colour)}">${escaped(shown.text)}</text>`;
      i = end;
    }
  });
  box.innerHTML = `<svg width="${width}" height="${height}">${svg}${timeAxis(x, height)}</svg>`;
}

const escaped = text => text.replace(/[&<>]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);

function timeAxis(x, height) {
  const span = preview.to - preview.from;
  const step = [300, 600, 1800, 3600, 7200, 10800, 21600, 43200, 86400].map(s => s * 1000).find(each => span / each <= 12) ?? 86400000;
  let svg = '';
  for (let time = Math.ceil(preview.from / step) * step; time < preview.to; time += step)
    svg += `<text x="${x(time)}" y="${height - 6}" text-anchor="middle" class="axis">${cityTime.format(time).slice(step >= 86400000 ? 5 : 11, step >= 86400000 ? 10 : 16)}</text>`;
  return svg;
}

function barChart(panel, box, width, height) {
  const [frame] = fieldsOf(panel);
  if (!frame) return nothing(panel, box);
  const names = frame.fields.find(field => field.name === panel.options.xField || field.shown === panel.options.xField);
  const field = frame.fields.find(each => each !== names && !each.isTime && each.values.some(value => typeof value === 'number'));
  const steps = field.config.thresholds.steps;
  const numbers = field.values.map(value => value ?? 0);
  const lines = field.config.custom.thresholdsStyle?.mode === 'off' ? [] : steps.filter(step => step.value !== null);
  const low = Math.min(field.config.custom.axisSoftMin ?? 0, ...numbers);
  const high = Math.max(field.config.max ?? -Infinity, ...numbers) * 1.08 || 1;
  const [left, foot] = [60, 70];
  const y = value => 8 + (height - foot - 8) * (1 - (value - low) / (high - low));
  const w = (width - left) / numbers.length;
  let svg = '';
  numbers.forEach((value, i) => {
    svg += `<rect x="${left + w * (i + 0.1)}" y="${Math.min(y(value), y(0))}" width="${w * panel.options.barWidth}" height="${Math.abs(y(value) - y(0))}" fill="${thresholdColour(value, field.config)}"/>`;
    svg += `<text class="axis" text-anchor="end" transform="translate(${left + w * (i + 0.6)},${height - foot + 12}) rotate(${panel.options.xTickLabelRotation})">${escaped(String(names.values[i]))}</text>`;
  });
  for (const step of lines.filter(each => each.value <= high))
    svg += `<line x1="${left}" x2="${width}" y1="${y(step.value)}" y2="${y(step.value)}" stroke="${colourOf(step.color)}" stroke-dasharray="8 6"/>`;
  for (let i = 0; i <= 4; i++)
    svg += `<text class="axis" x="${left - 6}" y="${y(low + (high - low) * i / 4) + 4}" text-anchor="end">${display(low + (high - low) * i / 4, { ...field.config, mappings: [] }).text}</text>`;
  box.innerHTML = `<svg width="${width}" height="${height}">${svg}</svg>`;
}

/** Without a basemap: where things lie to each other, north up. */
function geomap(panel, box, width, height) {
  const frames = fieldsOf(panel);
  const layers = panel.options.layers.map(layer => {
    const frame = frames.find(each => !layer.filterData || each.refId === layer.filterData.options);
    const values = name => frame?.fields.find(field => field.name === name || field.shown === name);
    return { layer, latitude: values(layer.location.latitude)?.values ?? [], longitude: values(layer.location.longitude)?.values ?? [], colour: values(layer.config.style.color.field) };
  });
  const all = layers.filter(each => panel.options.view.allLayers !== false || !panel.options.view.layer || each.layer.name === panel.options.view.layer).flatMap(each => each.latitude.map((lat, i) => [lat, each.longitude[i]])).filter(each => each[0] !== null);
  if (all.length === 0) return nothing(panel, box);
  const [lats, lons] = [all.map(each => each[0]), all.map(each => each[1])];
  const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)];
  const squeeze = Math.cos((south + north) / 2 * Math.PI / 180);
  const scale = Math.min((width - 30) / Math.max(1e-4, (east - west) * squeeze), (height - 30) / Math.max(1e-4, north - south));
  const x = lon => width / 2 + (lon - (west + east) / 2) * squeeze * scale;
  const y = lat => height / 2 - (lat - (south + north) / 2) * scale;
  let svg = `<rect width="${width}" height="${height}" fill="${panel.options.basemap.config?.style?.color?.fixed ?? '#1d2126'}"/>`;
  for (const { layer, latitude, longitude, colour } of layers) {
    const { style } = layer.config;
    latitude.forEach((lat, i) => {
      if (lat === null) return;
      const fill = colour ? display(colour.values[i], colour.config).colour : colourOf(style.color.fixed);
      svg += `<circle cx="${x(longitude[i])}" cy="${y(lat)}" r="${style.size.fixed}" fill="${fill}" fill-opacity="${style.opacity ?? 0.4}"/>`;
    });
  }
  box.innerHTML = `<svg width="${width}" height="${height}">${svg}</svg>`;
}
