'use strict';
// From InfluxDB's answers to a panel's fields: frames, transformations, field configuration. As Grafana does it, as far as our dashboards go.

/** Frames of one query: {refId, fields: [{name, shown, labels, values}]}. */
function framesOf({ refId, format, alias, result }) {
  const series = result.series ?? [];
  if (format === 'table') {
    if (series.length === 0) return [];
    const tags = Object.keys(series[0].tags ?? {});
    const columns = series[0].columns.slice(1);
    const rows = series.flatMap(each => each.values.map(row => [row[0] / 1e6, ...tags.map(tag => each.tags[tag]), ...row.slice(1)]));
    return [{ refId, fields: ['Time', ...tags, ...columns].map((name, i) => ({ name, shown: name, labels: {}, isTime: i === 0, values: rows.map(row => row[i]) })) }];
  }
  return series.flatMap(each => each.columns.slice(1).map((column, i) => ({
    refId,
    fields: [
      { name: 'Time', shown: 'Time', labels: {}, isTime: true, values: each.values.map(row => row[0] / 1e6) },
      { name: 'Value', shown: aliasOf(alias, each, column), labels: each.tags ?? {}, values: each.values.map(row => row[i + 1]) },
    ],
  })));
}

const aliasOf = (alias, series, column) => alias
  ? alias.replace(/\$\s*([@/\w-]+)|\[\[([^\]]+)\]\]/g, (all, a, b) => ({ m: series.name, measurement: series.name, col: column })[a ?? b] ?? (series.tags ?? {})[(a ?? b).replace(/^tag_/, '')] ?? all)
  : `${series.name}.${column}`;

function transform(frames, transformations) {
  for (const { id, options, disabled } of transformations ?? []) {
    if (disabled) continue;
    for (const frame of frames) {
      if (id === 'sortBy') {
        const { field, desc } = options.sort[0];
        const by = frame.fields.find(each => each.shown === field);
        if (!by) continue;
        const order = by.values.map((_, i) => i).sort((a, b) => compare(by.values[a], by.values[b]) * (desc ? -1 : 1));
        for (const each of frame.fields) each.values = order.map(i => each.values[i]);
      } else if (id === 'organize') {
        const at = field => options.indexByName?.[field.shown] ?? 1000;
        frame.fields = frame.fields.filter(field => !options.excludeByName?.[field.shown]).sort((a, b) => at(a) - at(b));
        for (const field of frame.fields) field.shown = options.renameByName?.[field.shown] || field.shown;
      } else if (id === 'renameByRegex') {
        const [, pattern, flags] = options.regex.match(/^\/(.*)\/(\w*)$/) ?? [null, options.regex, ''];
        for (const field of frame.fields) field.shown = field.shown.replace(new RegExp(pattern, flags), options.renamePattern);
      } else {
        throw new Error(`transformation ${id} is not drawn here`);
      }
    }
  }
  return frames;
}

const compare = (a, b) => a === b ? 0 : a === null ? -1 : b === null ? 1 : typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

/** Gives each field its configuration: the defaults, then every override that matches. */
function configure(frames, fieldConfig) {
  for (const frame of frames) {
    for (const field of frame.fields) {
      field.config = structuredClone(fieldConfig?.defaults ?? {});
      field.config.custom ??= {};
      for (const { matcher, properties } of fieldConfig?.overrides ?? []) {
        const matches = matcher.id === 'byName' ? matcher.options === field.name || matcher.options === field.shown
          : matcher.id === 'byNames' ? matcher.options.names.includes(field.shown)
          : matcher.id === 'byFrameRefID' ? matcher.options === frame.refId
          : matcher.id === 'byRegexp' ? new RegExp(matcher.options.replace(/^\/|\/$/g, '')).test(field.shown) : false;
        if (!matches) continue;
        for (const { id, value } of properties) {
          const path = id.split('.');
          let into = field.config;
          for (const part of path.slice(0, -1)) into = into[part] ??= {};
          into[path.at(-1)] = value;
        }
      }
      field.shown = field.config.displayName ?? field.shown;
    }
  }
  return frames;
}

const fieldsOf = panel => configure(transform((preview.answers[panel.id] ?? []).flatMap(framesOf), panel.transformations), panel.fieldConfig);

const reduced = (field, calc) => {
  const values = field.values.filter(value => value !== null);
  const numbers = values.map(Number);
  return values.length === 0 ? null : calc === 'max' ? Math.max(...numbers) : calc === 'min' ? Math.min(...numbers) : calc === 'sum' ? numbers.reduce((a, b) => a + b, 0)
    : calc === 'mean' ? numbers.reduce((a, b) => a + b, 0) / numbers.length : typeof values.at(-1) === 'boolean' ? values.at(-1) : values.at(-1);
};
