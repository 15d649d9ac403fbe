// Colours: each pilot has its own, and everything has one for dark and one for light.

const prefersLight = matchMedia('(prefers-color-scheme: light)');

export function isLight() {
  return prefersLight.matches;
}

/** The colour of a pilot, which all see. */
export function colorOf(id) {
  const hue = (parseInt(id.slice(0, 4), 16) * 137.5) % 360;
  return isLight() ? `hsl(${hue} 72% 42%)` : `hsl(${hue} 85% 66%)`;
}

export function palette() {
  return isLight()
    ? { sky: '#e9f0fb', glow: '#f8fbff', star: '90 120 180', line: 'rgb(60 95 170 / 13%)', ink: '#17223d', dim: '#5d6b8c', flame: '#f07a1d', shot: '#c2255c', shield: '#0a78c2', fire: '#f08c1d' }
    : { sky: '#070c1a', glow: '#14224a', star: '200 215 255', line: 'rgb(130 160 240 / 10%)', ink: '#e8eefc', dim: '#93a1c4', flame: '#ffb454', shot: '#ffe08a', shield: '#7fe0ff', fire: '#ffc766' };
}
