// The part of Plotly's figures that these pages use, as SVG: bars, dots with intervals, lines, texts, tables of cells. A figure is {data,
// layout} as Plotly takes it, so the same Python functions draw here and on the bench; a whole Plotly would be 4.8 MB.
const make = (name, attributes, parent, text) => {
  const one = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) one.setAttribute(key, value);
  if (text !== undefined) one.textContent = text;
  return parent?.appendChild(one) ?? one;
};
const pen = document.createElement('canvas').getContext('2d');
const wide = (text, size = 12) => { pen.font = `${size}px system-ui, sans-serif`; return pen.measureText(plain(text)).width; };
const plain = (text) => String(text).replace(/<[^>]*>/g, '');
const lines = (text) => String(text).split(/<br ?\/?>/);
const write = (parent, text, x, y, more = {}) => {
  lines(text).forEach((line, row) => make('text', {
    x, y: y + 15 * row, 'font-size': 12, 'font-weight': /<b>/.test(line) ? 700 : undefined,
    'text-decoration': /<s>/.test(line) ? 'line-through' : undefined, ...more,
  }, parent, plain(line)));
};

// d3's number formats as far as they occur: "," for thousands, ".2f", ".3g", "g".
const said = (value, form = '', signs = '.,') => {
  if (typeof value !== 'number') return plain(value);
  const [, comma, digits, kind] = /^(,?)(?:\.(\d+))?([fg]?)/.exec(form);
  let text = kind === 'f' ? value.toFixed(digits ?? 6) : String(Number(value.toPrecision(digits ?? 6)));
  let [whole, rest] = text.split('.');
  if (comma) whole = whole.replace(/\B(?=(\d{3})+$)/g, signs[1]);
  return whole + (rest ? signs[0] + rest : '');
};
const hover = (trace, at, x, y, signs) => trace.hovertemplate && lines(trace.hovertemplate.replace(/<extra>(.*?)<\/extra>/, (_, more) => (more ? `<br>${more}` : '')))
  .map((line) => line.replace(/%\{(\w+)(?:\[(\d+)\])?(?::([^}]*))?\}/g, (_, name, place, form) => {
    const found = name === 'x' ? x : name === 'y' ? y : Array.isArray(trace[name]) ? trace[name][at] : trace[name];
    return said(place === undefined ? found : found[place], form, signs);
  })).join('\n');

const neat = (low, high) => {
  const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((one) => one * power >= raw) * power;
  return Array.from({ length: Math.floor(high / step) - Math.ceil(low / step) + 1 }, (_, i) => (Math.ceil(low / step) + i) * step);
};
const scale = (axis, values, from, to) => {
  const log = axis.type === 'log', seen = values.filter((one) => typeof one === 'number');
  let range = axis.range;
  if (!range) {
    const low = Math.min(...seen), high = Math.max(...seen), room = 0.06 * (high - low || 1);
    range = [axis.rangemode === 'tozero' ? Math.min(0, low) : low - room, high + room];
  }
  const [low, high] = range, at = (value) => from + (((log ? Math.log10(value) : value) - low) / (high - low)) * (to - from);
  const [least, most] = low < high ? range : [high, low];
  let ticks = axis.tickvals;
  if (!ticks) {
    const step = axis.dtick, first = log ? Math.ceil(least) : Math.ceil(least / (step ?? 1)) * (step ?? 1);
    ticks = log || step ? Array.from({ length: Math.max(0, Math.floor((most - first) / (step ?? 1) + 1e-9) + 1) }, (_, i) => first + i * (step ?? 1)) : neat(least, most);
    if (log) ticks = ticks.map((one) => 10 ** one);
  }
  return { at, ticks, axis, low: from, high: to };
};

const SYMBOLS = {
  circle: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
  diamond: (r) => `M0,${-1.3 * r}L${1.3 * r},0L0,${1.3 * r}L${-1.3 * r},0Z`,
  square: (r) => `M${-r},${-r}h${2 * r}v${2 * r}h${-2 * r}Z`,
  'triangle-up': (r) => `M0,${-1.25 * r}L${1.2 * r},${r}L${-1.2 * r},${r}Z`,
};
const DASHES = { dash: '6 4', dot: '2 3' };

function legend(box, traces) {
  const list = document.createElement('div');
  list.className = 'legend';
  for (const trace of traces) {
    const item = document.createElement('span'), mark = make('svg', { width: 16, height: 12, 'aria-hidden': true }, item);
    if (trace.mode === 'lines') make('line', { x1: 0, x2: 16, y1: 6, y2: 6, stroke: trace.line.color, 'stroke-width': 2, 'stroke-dasharray': DASHES[trace.line.dash] }, mark);
    else make('path', { transform: 'translate(8,6)', d: SYMBOLS[trace.type === 'bar' ? 'square' : trace.marker.symbol ?? 'circle'](5), fill: trace.marker.color }, mark);
    item.append(plain(trace.name));
    list.append(item);
  }
  box.append(list);
}

function figure(box, spec) {
  const { data, layout } = spec, signs = layout.separators ?? '.,', width = Math.max(280, box.clientWidth), height = layout.height;
  const named = data.filter((one) => one.name && one.showlegend !== false && one.type !== 'heatmap');
  box.replaceChildren();
  if (layout.showlegend !== false && named.length > 1) legend(box, named);
  const svg = make('svg', { width: '100%', height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': box.dataset.label ?? '' }, box);
  const label = (axis, value, at) => axis.ticktext?.[at] ?? said(value, '.6g', signs);
  const y2 = layout.yaxis2, uprights = [layout.yaxis, ...(y2 ? [y2] : [])];
  const values = (letter, which) => data.filter((one) => (one.yaxis ?? 'y') === which).flatMap((one) => one[letter] ?? []);
  const bottom = height - 12 - 15 * Math.max(1, ...(layout.xaxis.ticktext ?? []).map((one) => lines(one).length)) - 8 - 15 * lines(layout.xaxis.title.text).length;
  const top = 12, sides = uprights.map((axis, place) => {
    const [low, high] = axis.domain ?? [0, 1], span = bottom - top;
    return scale(axis, values('y', place ? 'y2' : 'y'), bottom - low * span, bottom - high * span);
  });
  const left = 10 + Math.max(...sides.map((side) => Math.max(...side.ticks.map((one, at) => wide(label(side.axis, one, at))))
    + (side.axis.title.text.trim() ? 6 + 15 * lines(side.axis.title.text).length : 0)));
  const right = width - 12, across = scale(layout.xaxis, data.flatMap((one) => one.x ?? []), left, right);

  for (const side of sides) {
    side.ticks.forEach((one, at) => {
      if (side.axis.showgrid !== false) make('line', { x1: left, x2: right, y1: side.at(one), y2: side.at(one), class: 'grid' }, svg);
      write(svg, label(side.axis, one, at), left - 6, side.at(one) + 4, { 'text-anchor': 'end' });
    });
    const parts = lines(side.axis.title.text.trim()), middle = (side.low + side.high) / 2;
    parts.forEach((line, row) => line && make('text', { 'font-size': 12, 'text-anchor': 'middle', transform: `translate(${12 + 15 * row},${middle}) rotate(-90)` }, svg, plain(line)));
  }
  let last = -Infinity;
  across.ticks.forEach((one, at) => {
    const x = across.at(one), text = label(layout.xaxis, one, at), half = Math.max(...lines(text).map((line) => wide(line))) / 2;
    if (x < left - 1 || x > right + 1) return;
    if (layout.xaxis.showgrid !== false) make('line', { x1: x, x2: x, y1: top, y2: bottom, class: 'grid' }, svg);
    if (x - half < last + 4) return;
    last = x + half;
    write(svg, text, Math.min(x, width - half - 1), bottom + 17, { 'text-anchor': 'middle' });
  });
  write(svg, layout.xaxis.title.text, (left + right) / 2, height - 6 - 15 * (lines(layout.xaxis.title.text).length - 1), { 'text-anchor': 'middle' });

  for (const shape of layout.shapes ?? []) {
    const x = (value) => (/domain|paper/.test(shape.xref ?? '') ? left + value * (right - left) : across.at(value));
    const y = (value) => (/domain|paper/.test(shape.yref ?? '') ? bottom - value * (bottom - top) : sides[0].at(value));
    const line = { stroke: shape.line.color, 'stroke-width': shape.line.width, 'stroke-dasharray': DASHES[shape.line.dash], fill: 'none' };
    shape.over = () => (shape.type === 'line'
      ? make('line', { x1: x(shape.x0), x2: x(shape.x1), y1: y(shape.y0), y2: y(shape.y1), ...line }, svg)
      : make('rect', { x: x(shape.x0), width: x(shape.x1) - x(shape.x0), y: Math.min(y(shape.y0), y(shape.y1)), height: Math.abs(y(shape.y1) - y(shape.y0)), ...line }, svg));
    if (shape.type === 'line') shape.over();
  }
  const piled = {};
  for (const trace of data) {
    const side = sides[trace.yaxis === 'y2' ? 1 : 0];
    if (trace.type === 'bar') bars(svg, trace, across, side, layout, piled, signs);
    else if (trace.type === 'heatmap') cells(svg, trace, across, side, signs);
    else dots(svg, trace, across, side, signs);
  }
  for (const shape of layout.shapes ?? []) if (shape.type !== 'line') shape.over();
  for (const note of layout.annotations ?? []) write(svg, note.text, across.at(note.x), sides[0].at(note.y) + 4, { 'text-anchor': 'middle', 'font-size': 13 });
  return svg;
}

function bars(svg, trace, across, side, layout, piled, signs) {
  const lying = trace.orientation === 'h', places = lying ? trace.y : trace.x, sizes = lying ? trace.x : trace.y;
  const [along, up] = lying ? [side, across] : [across, side];
  const broad = trace.width ?? (1 - (layout.bargap ?? 0.2)) * (places[1] - places[0] || 1);
  places.forEach((place, at) => {
    const key = `${trace.yaxis ?? 'y'} ${place}`, base = layout.barmode === 'stack' ? piled[key] ?? 0 : 0;
    piled[key] = base + sizes[at];
    const ends = [along.at(place - broad / 2), along.at(place + broad / 2)], reach = [up.at(base), up.at(base + sizes[at])];
    const [x, y] = lying ? [reach, ends] : [ends, reach];
    const bar = make('rect', { x: Math.min(...x), width: Math.abs(x[1] - x[0]), y: Math.min(...y), height: Math.abs(y[1] - y[0]), fill: trace.marker.color }, svg);
    make('title', {}, bar, hover(trace, at, trace.x[at], trace.y[at], signs));
  });
}

function cells(svg, trace, across, side, signs) {
  const gap = trace.xgap ?? 0, colours = trace.colorscale;
  trace.z.forEach((row, r) => row.forEach((value, c) => {
    const [x0, x1] = [across.at(trace.x[c] - 0.5), across.at(trace.x[c] + 0.5)], [y0, y1] = [side.at(trace.y[r] - 0.5), side.at(trace.y[r] + 0.5)].sort((a, b) => a - b);
    make('rect', { x: x0 + gap / 2, width: x1 - x0 - gap, y: y0 + gap / 2, height: y1 - y0 - gap, fill: colours[value > 0.5 ? colours.length - 1 : 0][1] }, svg);
    const font = trace.textfont;
    write(svg, trace.text[r][c], (x0 + x1) / 2, (y0 + y1) / 2 + 5, { 'text-anchor': 'middle', 'font-size': font.size, class: 'fixed', fill: font.color });
  }));
}

function dots(svg, trace, across, side, signs) {
  const shown = trace.x.map((x, at) => [x, trace.y[at], at]).filter(([x]) => x !== null);
  const mode = trace.mode ?? 'markers';
  if (mode.includes('lines') && shown.length) {
    const d = shown.map(([x, y], at) => `${at ? 'L' : 'M'}${across.at(x)},${side.at(y)}`).join('');
    make('path', { d, fill: 'none', stroke: trace.line.color, 'stroke-width': trace.line.width, 'stroke-dasharray': DASHES[trace.line.dash] }, svg);
  }
  for (const [x, y, at] of shown) {
    const px = across.at(x), py = side.at(y), marker = trace.marker ?? {}, errors = trace.error_x;
    if (errors?.array) {
      const [low, high] = [across.at(x - errors.arrayminus[at]), across.at(x + errors.array[at])], cap = errors.width ?? 4;
      make('path', { d: `M${low},${py}H${high}M${low},${py - cap}v${2 * cap}M${high},${py - cap}v${2 * cap}`, stroke: errors.color, 'stroke-width': errors.thickness, fill: 'none' }, svg);
    }
    if (mode.includes('markers')) {
      const dot = make('path', {
        transform: `translate(${px},${py})`, d: SYMBOLS[marker.symbol ?? 'circle']((marker.size ?? 6) / 2), opacity: marker.opacity,
        fill: marker.color, stroke: marker.line?.color, 'stroke-width': marker.line?.width,
      }, svg);
      const more = hover(trace, at, x, y, signs);
      if (more) make('title', {}, dot, more);
    }
    if (mode.includes('text')) write(svg, trace.text[at], px + 4, py + 4);
  }
}

// Drawn again where the room changes.
const drawn = new Map(), watcher = new ResizeObserver((entries) => entries.forEach(({ target, contentRect }) => {
  const one = drawn.get(target);
  if (one && Math.abs(one.width - contentRect.width) > 1) { one.width = contentRect.width; figure(target, one.spec); }
}));
function show(box, spec) {
  if (!drawn.has(box)) watcher.observe(box);
  drawn.set(box, { spec, width: box.clientWidth });
  return figure(box, spec);
}
