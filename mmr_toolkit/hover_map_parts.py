"""The style and the script of the interactive map: all that its page has besides the points.

Without the script the points, the first legend and the browser's own tooltips remain.
"""

STYLE = """
:root { color-scheme: light dark; --ground: light-dark(#fff, #151515); --ink: light-dark(#1a1a1a, #eee);
  --faint: color-mix(in srgb, var(--ink) 40%, transparent); }
* { box-sizing: border-box; }
body { margin: 0; padding: 8px; font: 13px/1.4 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
h1 { margin: 0; font-size: 15px; }
header, main { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 16px; }
main { align-items: flex-start; margin-top: 6px; }
#plot { position: relative; flex: 1 1 380px; max-width: 640px; }
#map { display: block; width: 100%; border: 1px solid var(--faint); border-radius: 8px; }
#map:focus { outline: none; }
#map:focus-visible { outline: 3px solid #56b4e9; }
#map use { stroke: var(--ink); stroke-width: .5; stroke-opacity: .55; }
#ring { fill: none; stroke: var(--ink); stroke-width: 2.5; }
.legend { flex: 0 1 200px; columns: 2 90px; margin: 0; padding: 0; list-style: none; font-size: 12px; }
.legend li { break-inside: avoid; overflow-wrap: anywhere; }
.legend svg { width: 12px; height: 12px; margin-right: 4px; vertical-align: -2px; }
.legend use { stroke: var(--ink); stroke-width: .5; }
#card { position: absolute; z-index: 1; width: 172px; padding: 8px; border-radius: 8px; pointer-events: none;
  background: var(--ground); border: 1px solid var(--faint);
  box-shadow: 0 2px 10px rgb(0 0 0 / .3); overflow-wrap: anywhere; }
#picture { width: 96px; height: 96px; margin-bottom: 4px; border-radius: 4px; }
#picture.hole { display: flex; align-items: center; justify-content: center; background: none !important;
  border: 1px dashed var(--faint); }
#kind, #more { color: color-mix(in srgb, var(--ink) 75%, transparent); }
[hidden] { display: none !important; }
"""

# Points are found by their place, not by the element below the pointer: they are small, and one may cover another.
# A click shows the next of those that lie there. A frame cannot see the theme of the notebook around it, only that of
# the system, hence the button.
SCRIPT = """
const page = JSON.parse(document.getElementById('numbers').textContent);
const at = id => document.getElementById(id);
const svg = at('map'), card = at('card'), ring = at('ring'), choice = at('column');
const marks = [...svg.querySelectorAll('#points use')];
const legends = [...document.querySelectorAll('.legend')];
const points = marks.map(mark => {
  const title = mark.querySelector('title'), words = title.textContent.split('\\n');
  title.remove();  // else the browser's own tooltip would cover the card
  return {x: +mark.getAttribute('x'), y: +mark.getAttribute('y'), words};
});
let column = 0, current = -1, held = null;

function colour() {
  column = choice.selectedIndex;
  legends.forEach((legend, i) => { legend.hidden = i !== column; });
  marks.forEach((mark, i) => {
    const [shape, fill] = page.looks[column][page.kinds[column][i]];
    mark.setAttribute('href', '#m' + shape);
    mark.setAttribute('fill', fill);
  });
  if (current >= 0) show(current);
}

function show(i) {
  current = i;
  const {x, y, words} = points[i], box = svg.getBoundingClientRect(), scale = box.width / page.size;
  const name = page.columns[column] + ': ' + page.values[column][i];
  ring.setAttribute('cx', x); ring.setAttribute('cy', y); ring.removeAttribute('hidden');
  at('english').textContent = words[0]; at('chinese').textContent = words[1] || ''; at('kind').textContent = name;
  at('more').textContent = '';
  const picture = at('picture'), tile = page.tiles[i], size = 96;
  picture.className = tile < 0 ? 'hole' : '';
  picture.textContent = tile < 0 ? 'no picture' : '';
  picture.setAttribute('aria-label', tile < 0 ? 'no picture' : 'picture of ' + words[0]);
  picture.style.backgroundPosition = tile < 0 ? '' :
    -(tile % page.across) * size + 'px ' + -Math.floor(tile / page.across) * size + 'px';
  card.hidden = false;
  const left = x * scale + 14, top = y * scale + 14;
  card.style.left = (left + card.offsetWidth > box.width ? Math.max(left - card.offsetWidth - 28, 0) : left) + 'px';
  card.style.top = (top + card.offsetHeight > box.height ? Math.max(top - card.offsetHeight - 28, 0) : top) + 'px';
}

function hide() { current = -1; held = null; card.hidden = true; ring.setAttribute('hidden', ''); }

function nearest(x, y, wanted = () => true) {  // the points that are wanted, the nearest first
  const far = points.map(point => Math.hypot(point.x - x, point.y - y));
  return [...far.keys()].filter(i => wanted(points[i], far[i])).sort((i, j) => far[i] - far[j]);
}

function below(event) {
  const box = svg.getBoundingClientRect(), scale = page.size / box.width;
  return nearest((event.clientX - box.left) * scale, (event.clientY - box.top) * scale, (_, far) => far < 12);
}

function hover(event) {
  if (isHeld(event)) return;
  held = null;
  const here = below(event);
  if (!here.length) return hide();
  show(here[0]);
  if (here.length > 1) at('more').textContent = here.length + ' points here; a click shows the next';
}

function isHeld(event) {  // clicked here, and the pointer has hardly moved since
  return held && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 5;
}

function click(event) {
  if (!isHeld(event)) held = {x: event.clientX, y: event.clientY, here: below(event), turn: current < 0 ? -1 : 0};
  const {here} = held;
  if (!here.length) return hide();
  held.turn = (held.turn + 1) % here.length;
  show(here[held.turn]);
  if (here.length > 1) at('more').textContent = held.turn + 1 + ' of ' + here.length + ' points here';
}

const STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
function step(event) {
  if (event.key === 'Escape') return hide();
  if (!(event.key in STEPS)) return;
  event.preventDefault();
  const [right, down] = STEPS[event.key], {x, y} = points[Math.max(current, 0)];
  const ahead = p => { const a = (p.x - x) * right + (p.y - y) * down, b = (p.x - x) * down - (p.y - y) * right;
    return a > 0 && Math.abs(b) <= a; };
  const [i] = nearest(x, y, ahead);
  if (i !== undefined) show(i);
}

choice.disabled = at('theme').disabled = false;
at('theme').addEventListener('click', () => {
  const style = document.documentElement.style;
  const dark = style.colorScheme ? style.colorScheme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  style.colorScheme = dark ? 'light' : 'dark';
});
choice.addEventListener('change', colour);
svg.addEventListener('pointermove', hover);
svg.addEventListener('pointerdown', click);
svg.addEventListener('pointerleave', hide);
svg.addEventListener('focus', () => { if (current < 0) show(nearest(page.size / 2, page.size / 2)[0]); });
svg.addEventListener('blur', hide);
svg.addEventListener('keydown', step);
"""
