// Draws how many replicas lacked in the last two minutes, and what happened then.

import { html, svg } from './shapes.js';

const span = 120;
const listedMax = 40;
const margin = { left: 34, right: 12, top: 14, bottom: 22 };

export function drawTimeline(picture) {
  const chart = document.querySelector('#chart svg');
  const { width, height } = chart.parentElement.getBoundingClientRect();
  chart.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const { samples, now } = picture;
  const shown = samples.filter(([at]) => at >= now - span - 1);
  const max = Math.max(4, ...shown.map(([, lacking]) => lacking));
  const x = at => margin.left + (width - margin.left - margin.right) * (1 - (now - at) / span);
  const y = value => margin.top + (height - margin.top - margin.bottom) * (1 - value / max);
  const parts = [];
  for (const value of [0, Math.round(max / 2), max]) {
    parts.push(svg('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) }), svg('text', { class: 'side', x: margin.left - 8, y: y(value) + 4 }, String(value)));
  }

  for (let ago = 0; ago <= span; ago += 30) {
    parts.push(svg('text', { class: ago === 0 ? 'under last' : 'under', x: x(now - ago), y: height - 5 }, ago === 0 ? 'now' : `${ago} s ago`));
  }

  let area = '';
  let line = '';
  shown.forEach(([at, lacking], i) => {
    const place = Math.max(margin.left, x(at)).toFixed(1);
    line += i === 0 ? `M${place} ${y(lacking)}` : `H${place}V${y(lacking)}`;
  });
  if (line) {
    area = `${line}H${x(now)}V${y(0)}H${Math.max(margin.left, x(shown[0][0]))}Z`;
    line += `H${x(now)}`;
  }

  parts.push(svg('path', { class: 'area', d: area }), svg('path', { class: 'line', d: line }));
  for (const happening of picture.happenings) {
    if (happening.at >= now - span && !['started', 'failed'].includes(happening.kind)) {
      parts.push(svg('line', { class: `event ${happening.kind}`, x1: x(happening.at), x2: x(happening.at), y1: margin.top - 6, y2: y(0) }), svg('circle', { class: `event ${happening.kind}`, cx: x(happening.at), cy: margin.top - 6, r: 4 }));
    }
  }

  chart.replaceChildren(...parts);
  list(picture);
}

let listed = '';

function list(picture) {
  const happenings = picture.happenings.slice(-listedMax).reverse();
  const text = JSON.stringify(happenings);
  if (text === listed) {
    for (const time of document.querySelectorAll('#happenings time')) {
      time.textContent = ago(picture.now - Number(time.dataset.at));
    }

    return;
  }

  listed = text;
  document.getElementById('happenings').replaceChildren(...happenings.map(happening => {
    const time = html('time', {}, ago(picture.now - happening.at));
    time.dataset.at = happening.at;
    return html('li', { className: happening.kind }, html('i'), html('span', {}, happening.text), time);
  }));
}

const ago = seconds => seconds < 1.5 ? 'now' : seconds < 90 ? `${Math.round(seconds)} s ago` : `${Math.round(seconds / 60)} min ago`;
