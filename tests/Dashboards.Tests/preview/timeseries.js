'use strict';
// Lines and bars over time, with the library that Grafana draws them with.

const palette = ['#73bf69', '#f2cc0c', '#8ab8ff', '#ff780a', '#f2495c', '#5794f2', '#b877d9', '#705da0', '#37872d', '#fade2a'];

function timeseries(panel, box, width, height) {
  const lines = fieldsOf(panel).flatMap(frame => frame.fields.filter(field => !field.isTime).map(field => ({ times: frame.fields.find(each => each.isTime).values, field })))
    .filter(line => line.field.values.some(value => value !== null));
  if (lines.length === 0) return nothing(panel, box);
  const colours = lines.map((line, i) => lineColour(line.field, i, lines.length));
  const legend = panel.options.legend?.showLegend ? legendOf(box, lines, colours) : 0;
  const data = uPlot.join(lines.map(({ times, field }) => withGaps(times, field.values.map(value => value === null ? null : Number(value)), field.config.custom)));
  if (lines.some(line => line.field.config.custom.stacking?.mode === 'normal')) stack(data);
  const [first] = lines;
  const axis = { stroke: '#8e8e99', grid: { stroke: 'rgba(204,204,220,0.08)', width: 1 }, ticks: { stroke: 'rgba(204,204,220,0.08)', size: 4 }, font: '12px Inter, Roboto, sans-serif' };
  const plot = new uPlot({
    width, height: height - legend,
    legend: { show: false }, cursor: { show: false },
    tzDate: time => uPlot.tzDate(new Date(time * 1000), preview.dashboard.timezone),
    scales: { x: { time: true, range: [preview.from / 1000, preview.to / 1000] }, y: { range: (_, low, high) => rangeOf(first.field.config, low, high) } },
    axes: [{ ...axis, values: (_, ticks, __, ___, step) => ticks.map(tick => cityTime.format(tick * 1000).slice(...(step >= 86400 ? [5, 10] : [11, 16]))) }, { ...axis, size: 70, values: (_, ticks) => ticks.map(tick => display(tick, { ...first.field.config, mappings: [] }).text) }],
    series: [{}, ...lines.map(({ field }, i) => seriesOf(field, colours[i]))],
    hooks: { drawClear: [u => thresholds(u, panel.fieldConfig.defaults)] },
  }, data, element(box, 'div'));
  if (legend) box.appendChild(box.firstChild);
  return plot;
}

function lineColour(field, index, count) {
  const { mode, fixedColor } = field.config.color ?? {};
  if (mode === 'fixed') return colourOf(fixedColor);
  if (mode === 'shades') return count === 1 ? colourOf(fixedColor) : `color-mix(in hsl, ${colourOf(fixedColor)}, ${index % 2 ? 'white' : 'black'} ${Math.min(45, 12 * index)}%)`;
  return mode === 'thresholds' ? thresholdColour(reduced(field), field.config) : palette[index % palette.length];
}

function legendOf(box, lines, colours) {
  const made = element(box, 'div', { display: 'flex', flexWrap: 'wrap', gap: '2px 14px', fontSize: '12px', paddingLeft: '8px', maxHeight: '54px', overflow: 'hidden' });
  lines.forEach(({ field }, i) => {
    const item = element(made, 'span', { whiteSpace: 'nowrap' });
    element(item, 'span', { display: 'inline-block', width: '14px', height: '4px', background: colours[i], verticalAlign: 'middle', marginRight: '6px', borderRadius: '2px' });
    item.append(field.shown);
  });
  return Math.min(54, made.offsetHeight) + 4;
}

/** Times in seconds. insertNulls breaks between two values further apart; spanNulls bridges nulls between two values nearer than that. */
function withGaps(times, values, { insertNulls, spanNulls }) {
  const [x, y] = [[], []];
  let last = NaN;
  let isBroken = false;
  times.forEach((time, i) => {
    if (values[i] === null) {
      isBroken ||= spanNulls !== true;
      return;
    }
    const apart = time - last;
    if (!isNaN(last) && ((isBroken && !(apart < spanNulls)) || (typeof insertNulls === 'number' && apart > insertNulls))) {
      x.push((last + 1) / 1000);
      y.push(null);
    }
    x.push(time / 1000);
    y.push(values[i]);
    [last, isBroken] = [time, false];
  });
  return [x, y];
}

function stack(data) {
  for (let i = 0; i < data[0].length; i++) {
    let sum = 0;
    for (let s = 1; s < data.length; s++) if (data[s][i] !== null && data[s][i] !== undefined) data[s][i] = sum += data[s][i];
  }
}

function rangeOf({ min, max, custom }, low, high) {
  if (low === null) return [0, 1];
  const soft = [Math.min(low, custom.axisSoftMin ?? low), Math.max(high, custom.axisSoftMax ?? high)];
  const room = (soft[1] - soft[0] || Math.abs(soft[1]) || 1) * 0.08;
  return [min ?? (custom.axisSoftMin <= low ? soft[0] : soft[0] - room), max ?? soft[1] + room];
}

/** As Grafana's "auto": a point that no line reaches. */
const isolated = (u, series) => u.data[series].flatMap((value, i, all) => value !== null && value !== undefined && isGap(all, i, -1) && isGap(all, i, 1) ? [i] : []);

function isGap(values, at, step) {
  let next = at + step;
  while (next >= 0 && next < values.length && values[next] === undefined) next += step;
  return next < 0 || next >= values.length || values[next] === null;
}

function seriesOf(field, colour) {
  const { drawStyle, lineInterpolation, lineWidth, fillOpacity, lineStyle, showPoints } = field.config.custom;
  const isBars = drawStyle === 'bars';
  return {
    stroke: colour, width: isBars ? 1 : lineWidth ?? 1, spanGaps: field.config.custom.spanNulls === true,
    // uPlot joins lines at other lines' times; what is absent there is no gap.
    fill: fillOpacity > 0 ? `color-mix(in srgb, ${colour} ${fillOpacity}%, transparent)` : undefined,
    dash: lineStyle?.dash, points: { size: 4, fill: colour, show: showPoints !== 'never' && !isBars, filter: showPoints === 'auto' ? isolated : undefined },
    paths: isBars ? uPlot.paths.bars({ size: [0.8, 60] }) : lineInterpolation === 'stepAfter' ? uPlot.paths.stepped({ align: 1 }) : lineInterpolation === 'smooth' ? uPlot.paths.spline() : uPlot.paths.linear(),
  };
}

function thresholds(u, { thresholds: given, custom }) {
  const mode = custom?.thresholdsStyle?.mode ?? 'off';
  if (mode === 'off') return;
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height); ctx.clip();
  given.steps.forEach((step, i) => {
    const [from, to] = [step.value ?? u.scales.y.min, given.steps[i + 1]?.value ?? u.scales.y.max];
    const [bottom, top] = [u.valToPos(Math.max(from, u.scales.y.min), 'y', true), u.valToPos(Math.min(to, u.scales.y.max), 'y', true)];
    if (mode.includes('area') && bottom > top) {
      ctx.globalAlpha = 0.12; ctx.fillStyle = colourOf(step.color); ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    }
    if ((mode.includes('line') || mode.includes('dashed')) && step.value !== null) {
      ctx.globalAlpha = 0.9; ctx.strokeStyle = colourOf(step.color); ctx.setLineDash(mode.includes('dashed') ? [10, 10] : []);
      ctx.beginPath(); ctx.moveTo(bbox.left, bottom); ctx.lineTo(bbox.left + bbox.width, bottom); ctx.stroke();
    }
  });
  ctx.restore();
}
