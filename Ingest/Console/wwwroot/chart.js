// One channel over time on a canvas: a line with its band for numbers, steps for booleans and states, limits as dashed lines.

import { dayTimeText, minuteText, numberText, unitText } from './format.js';

const margin = { left: 58, right: 12, top: 12, bottom: 24 };

function ticks(min, max, count) {
  const raw = (max - min) / count;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(factor => factor * size).find(candidate => candidate >= raw);
  const all = [];
  for (let tick = Math.ceil(min / step) * step; tick <= max + step * 1e-9; tick += step) all.push(tick);
  return all;
}

export class Chart {
  #canvas;
  #picture = null;
  #pointer = null;

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    canvas.addEventListener('pointermove', event => { this.#pointer = event.offsetX; this.#draw(); });
    canvas.addEventListener('pointerleave', () => { this.#pointer = null; this.#draw(); });
  }

  // picture: { points: [{time, value, min?, max?}], from, to, gap, unit, states: [] | null, limits: [{value, text, severity}], marks: [{time, text}] }
  // value: number, or null for a gap; for states the index in `states`.
  show(picture) {
    this.#picture = picture;
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = window.devicePixelRatio || 1;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const context = this.#canvas.getContext('2d');
    context.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const colour = name => style.getPropertyValue(`--${name}`).trim();
    context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const picture = this.#picture;
    if (!picture) return;
    const plot = { left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom };
    const range = this.#range(picture);
    const x = time => plot.left + (time - picture.from) / (picture.to - picture.from) * (plot.right - plot.left);
    const y = value => plot.bottom - (value - range.min) / (range.max - range.min) * (plot.bottom - plot.top);

    this.#axes(context, picture, plot, range, x, y, colour);
    if (picture.points.length === 0) {
      context.fillStyle = colour('quiet');
      context.textAlign = 'center';
      context.fillText('No values in this range', (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
      return;
    }
    context.save();
    context.beginPath();
    context.rect(plot.left, plot.top - 4, plot.right - plot.left, plot.bottom - plot.top + 8);
    context.clip();
    this.#band(context, picture, x, y, colour);
    this.#line(context, picture, x, y, colour);
    this.#limits(context, picture, plot, x, y, colour);
    context.restore();
    this.#cursor(context, picture, plot, x, y, colour);
  }

  #range(picture) {
    if (picture.states) return { min: -0.5, max: picture.states.length - 0.5 };
    let min = Infinity, max = -Infinity;
    for (const point of picture.points) {
      if (point.value === null) continue;
      min = Math.min(min, point.min ?? point.value);
      max = Math.max(max, point.max ?? point.value);
    }
    for (const limit of picture.limits) {
      min = Math.min(min, limit.value);
      max = Math.max(max, limit.value);
    }
    if (min > max) return { min: 0, max: 1 };
    const room = (max - min) * 0.08 || Math.abs(max) * 0.1 || 1;
    return { min: min >= 0 && min - room < 0 ? 0 : min - room, max: max + room };
  }

  #axes(context, picture, plot, range, x, y, colour) {
    context.strokeStyle = colour('line');
    context.fillStyle = colour('quiet');
    context.lineWidth = 1;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    const levels = picture.states ? picture.states.map((_, index) => index) : ticks(range.min, range.max, 5);
    for (const level of levels) {
      const at = Math.round(y(level)) + 0.5;
      context.globalAlpha = 0.6;
      context.beginPath(); context.moveTo(plot.left, at); context.lineTo(plot.right, at); context.stroke();
      context.globalAlpha = 1;
      context.fillText(picture.states ? picture.states[level] : numberText(level), plot.left - 6, at, plot.left - 8);
    }
    context.textAlign = 'center';
    context.textBaseline = 'top';
    const minutes = [5, 10, 15, 30, 60, 120, 240, 360].find(each => (picture.to - picture.from) / 60000 / each <= (plot.right - plot.left) / 70) ?? 360;
    const step = minutes * 60000;
    for (let time = Math.ceil(picture.from / step) * step; time < picture.to; time += step) {
      context.fillText(minuteText(time), x(time), plot.bottom + 6);
      context.fillRect(Math.round(x(time)), plot.bottom, 1, 4);
    }
    if (unitText(picture.unit)) {
      context.textAlign = 'left';
      context.fillText(unitText(picture.unit), plot.left + 4, plot.top - 8);
    }
  }

  // Runs of points between gaps: a value that is missing is not drawn as if it had been there.
  #runs(picture) {
    const runs = [];
    let run = null, before = null;
    for (const point of picture.points) {
      if (point.value === null || before !== null && point.time - before > picture.gap) run = null;
      before = point.time;
      if (point.value === null) continue;
      if (!run) runs.push(run = []);
      run.push(point);
    }
    return runs;
  }

  #band(context, picture, x, y, colour) {
    context.fillStyle = colour('trace');
    context.globalAlpha = 0.15;
    for (const run of this.#runs(picture)) {
      if (run[0].min === undefined) continue;
      context.beginPath();
      for (const point of run) context.lineTo(x(point.time), y(point.max));
      for (const point of run.toReversed()) context.lineTo(x(point.time), y(point.min));
      context.fill();
    }
    context.globalAlpha = 1;
  }

  #line(context, picture, x, y, colour) {
    context.strokeStyle = context.fillStyle = colour('trace');
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    for (const run of this.#runs(picture)) {
      context.beginPath();
      let level = null;
      for (const point of run) {
        if (picture.states && level !== null) context.lineTo(x(point.time), level);
        level = y(point.value);
        context.lineTo(x(point.time), level);
      }
      if (picture.states && picture.points.at(-1) === run.at(-1)) context.lineTo(x(Math.min(picture.to, run.at(-1).time + picture.gap)), level);
      context.stroke();
      if (run.length === 1) context.fillRect(x(run[0].time) - 1.5, y(run[0].value) - 1.5, 3, 3);
    }
  }

  #limits(context, picture, plot, x, y, colour) {
    context.lineWidth = 1.5;
    context.textBaseline = 'bottom';
    for (const limit of picture.limits) {
      context.strokeStyle = context.fillStyle = colour(limit.severity);
      context.setLineDash([6, 4]);
      context.beginPath(); context.moveTo(plot.left, y(limit.value)); context.lineTo(plot.right, y(limit.value)); context.stroke();
      context.textAlign = 'right';
      context.fillText(limit.text, plot.right - 4, y(limit.value) - 2);
    }
    for (const mark of picture.marks) {
      context.strokeStyle = context.fillStyle = colour(mark.severity);
      context.setLineDash([2, 3]);
      context.beginPath(); context.moveTo(x(mark.time), plot.top); context.lineTo(x(mark.time), plot.bottom); context.stroke();
      const right = x(mark.time) > (plot.left + plot.right) / 2;
      context.textAlign = right ? 'right' : 'left';
      context.fillText(mark.text, x(mark.time) + (right ? -4 : 4), plot.bottom - 2);
    }
    context.setLineDash([]);
  }

  #cursor(context, picture, plot, x, y, colour) {
    if (this.#pointer === null) return;
    const near = picture.points.filter(point => point.value !== null)
      .reduce((best, point) => best && Math.abs(x(best.time) - this.#pointer) <= Math.abs(x(point.time) - this.#pointer) ? best : point, null);
    if (!near) return;
    context.fillStyle = colour('ink');
    context.beginPath(); context.arc(x(near.time), y(near.value), 3, 0, 7); context.fill();
    const value = picture.states ? picture.states[near.value] : `${numberText(near.value)} ${unitText(picture.unit)}`;
    const text = `${dayTimeText(near.time)}  ${value}`;
    const room = context.measureText(text).width + 10;
    const left = Math.min(Math.max(x(near.time) - room / 2, plot.left), plot.right - room);
    context.fillStyle = colour('ink');
    context.fillRect(left, plot.top, room, 20);
    context.fillStyle = '#fff';
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillText(text, left + 5, plot.top + 10);
  }
}
