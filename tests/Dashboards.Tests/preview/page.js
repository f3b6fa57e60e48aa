'use strict';
// The page: Grafana's grid of 24 columns and rows of 30 pixels with 8 between.

const [rowHeight, gap, margin] = [30, 8, 16];
const drawn = { stat, table, timeseries, geomap, barchart: barChart, 'state-timeline': stateTimeline };

const titleOf = panel => panel.title.replace(/\$\{?(\w+)\}?/g, (all, name) => preview.variables.find(each => each.name === name)?.text ?? all);

function draw() {
  const { dashboard, kiosk } = preview;
  const page = document.body;
  if (!kiosk) {
    const head = element(page, 'header');
    element(head, 'b', {}, dashboard.title);
    element(head, 'span', { color: '#8e8e99' }, `preview, not Grafana · ${cityTime.format(preview.from)} – ${cityTime.format(preview.to)}`);
    for (const { label, text } of preview.variables) {
      const chip = element(head, 'span', { className: 'variable' });
      chip.className = 'variable';
      element(chip, 'i', {}, label);
      chip.append(text);
    }
  }
  const rows = Math.max(...dashboard.panels.map(panel => panel.gridPos.y + panel.gridPos.h));
  const grid = element(page, 'main', { position: 'relative', margin: `0 ${margin}px` });
  const column = (innerWidth - 2 * margin + gap) / 24;
  // In a kiosk the panels share the screen's height (autofitpanels).
  const row = kiosk ? (preview.height - 2 * margin + gap) / rows : rowHeight + gap;
  grid.style.height = `${rows * row}px`;
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    const place = { position: 'absolute', left: `${x * column}px`, top: `${y * row}px`, width: `${w * column - gap}px`, height: `${h * row - gap}px` };
    if (panel.type === 'row') {
      element(grid, 'div', { ...place, fontSize: '16px', fontWeight: 500, lineHeight: '30px' }, `⌄ ${titleOf(panel)}`);
      continue;
    }
    const frame = element(grid, 'section', place);
    if (panel.title) element(frame, 'h2', {}, titleOf(panel));
    const box = element(frame, 'div', { position: 'relative', overflow: 'hidden', height: `${h * row - gap - (panel.title ? 40 : 16)}px` });
    const [width, height] = [w * column - gap - 18, h * row - gap - (panel.title ? 40 : 16)];
    try {
      (drawn[panel.type] ?? (() => nothing({ fieldConfig: { defaults: { noValue: `${panel.type} is not drawn here` } } }, box)))(panel, box, width, height);
    } catch (error) {
      element(box, 'pre', { color: '#f2495c', whiteSpace: 'pre-wrap' }, String(error.stack));
    }
  }
  if (kiosk) element(page, 'footer', {}, 'preview, not Grafana');
}

draw();
