"use strict";
// From the run's data in the page to a picture that can be scrubbed through, with its losses beside it.

const RUN = JSON.parse(document.getElementById("run").textContent);
const FRAMES = JSON.parse(document.getElementById("frames").textContent);
const LAST = FRAMES.length - 1;
const SECONDS = Math.min(Math.max(FRAMES.length * 0.08, 3), 14); // of a whole run at speed 1
const HOLD = 1; // seconds that the last picture stays before the run starts again
const MEMORY = (navigator.deviceMemory || 4) >= 8 ? 320e6 : 160e6; // bytes of decoded pictures that are kept
const AT_ONCE = 4; // pictures that are decoded at the same time

const $ = (id) => document.getElementById(id);
const canvas = document.querySelector("canvas");
const pen = canvas.getContext("2d", { alpha: false });
const state = { index: 0, chosen: 0, along: 0, held: 0, clock: 0, playing: false, loop: true, stretch: true, drawing: false };

const theme = new URLSearchParams(location.search).get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

// Numbers as a person reads them.

function number(value) {
  if (value === 0 || (Math.abs(value) >= 0.001 && Math.abs(value) < 99999.5)) return String(Number(value.toPrecision(3)));
  const [digits, power] = value.toExponential(1).split("e");
  return `${digits}·10${[...String(Number(power))].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] || "⁻").join("")}`;
}
const percent = (share) => (share > 0 && share < 0.005 ? "<1 %" : `${Math.round(share * 100)} %`);

// Losses: one row a recorded step, one column a term; the terms' shares of the total are what is drawn.

const ROWS = RUN.curve.steps.map((step, row) => {
  const values = RUN.curve.values[row];
  const total = values.reduce((sum, value) => sum + value, 0);
  return { step, values, total, shares: values.map((value) => (total > 0 ? value / total : 0)) };
});
const rowAt = (index) => ROWS[RUN.rows[index]];
const LARGEST = Math.max(...ROWS.flatMap((row) => row.shares), 0.01);

// The time axis: a step's place on it, 0 to 1; early steps are wider when it follows the square root.

const [FIRST_STEP, LAST_STEP] = [RUN.steps[0], RUN.steps[LAST]];
function place(step) {
  const even = (step - FIRST_STEP) / Math.max(LAST_STEP - FIRST_STEP, 1);
  return state.stretch ? Math.sqrt(even) : even;
}
let places = RUN.steps.map(place);

function lastBefore(along) {
  let low = 0;
  let high = LAST;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (places[middle] <= along) low = middle;
    else high = middle - 1;
  }
  return low;
}
function nearest(along) {
  const index = lastBefore(along);
  return index < LAST && places[index + 1] - along < along - places[index] ? index + 1 : index;
}

// Pictures: decoded ahead, off the main thread, nearest to the current one first; those farthest away are let go.

const decoded = new Map();
const underWay = new Set();
const broken = new Set();
const ROOM = Math.max(8, Math.min(FRAMES.length, Math.floor(MEMORY / (4 * canvas.width * canvas.height))));
let drawn = -1;

function distance(index) {
  const steps = Math.abs(index - state.index);
  return Math.min(steps, FRAMES.length - steps); // around the end, for the run starts again
}

function nextToDecode() {
  for (let far = 0; far <= ROOM / 2; far++) {
    for (const index of [state.index + far, state.index - far]) {
      const wanted = (index + FRAMES.length) % FRAMES.length;
      if (!decoded.has(wanted) && !underWay.has(wanted) && !broken.has(wanted)) return wanted;
    }
  }
  return -1;
}

function decode(index) {
  const text = atob(FRAMES[index]);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return createImageBitmap(new Blob([bytes], { type: "image/webp" }));
}

function keep(index, bitmap) {
  decoded.set(index, bitmap);
  if (decoded.size > ROOM) {
    const farthest = [...decoded.keys()].reduce((far, other) => (distance(other) > distance(far) ? other : far));
    decoded.get(farthest).close();
    decoded.delete(farthest);
  }
  if (drawn < 0 || distance(index) < distance(drawn)) paint();
}

function decodeAhead() {
  while (underWay.size < AT_ONCE) {
    const index = nextToDecode();
    if (index < 0) return;
    underWay.add(index);
    decode(index)
      .then((bitmap) => keep(index, bitmap), () => broken.add(index))
      .finally(() => {
        underWay.delete(index);
        decodeAhead();
      });
  }
}

function paint() {
  let best = -1;
  if (decoded.has(state.index)) best = state.index;
  else for (const index of decoded.keys()) if (best < 0 || distance(index) < distance(best)) best = index;
  if (best < 0 || best === drawn) return;
  pen.drawImage(decoded.get(best), 0, 0);
  drawn = best;
}

// The table of bars, which is also the legend. Text goes in as text, never as HTML.

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

const bars = RUN.terms.map((term, number) => {
  const row = element("tr", "");
  row.style.setProperty("--colour", term.colour);
  const hatched = term.kind === "content" ? " hatched" : "";
  const name = element("th", "");
  name.scope = "row";
  name.append(element("span", `swatch${hatched}`), term.label);
  const [about, bar, share, value] = ["about", "bar", "share", "value"].map((part) => element("td", part));
  about.textContent = term.about;
  const fill = element("div", `fill${hatched}`);
  bar.append(fill);
  row.append(name, about, bar, share, value);
  row.addEventListener("pointerenter", () => highlight(number));
  row.addEventListener("pointerleave", () => highlight(-1));
  $("terms").append(row);
  return { fill, share, value };
});

function highlight(number) {
  $("plot").querySelectorAll(".band").forEach((band, other) => band.classList.toggle("faded", number >= 0 && other !== number));
}

// The plot: total loss on a logarithmic scale above, each term's share of it below, over the time axis.

const axis = { left: 0, width: 1 };

function svg(parent, tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}
const path = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L");
const across = (step) => axis.left + place(step) * axis.width;

function drawPlot() {
  const plot = $("plot");
  const { width, height } = plot.getBoundingClientRect();
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  axis.left = 3.6 * rem;
  axis.width = Math.max(width - axis.left - rem, 1);
  const bottom = height - 1.6 * rem;
  const middle = rem + (bottom - rem) * 0.36;
  plot.replaceChildren();
  drawTotal(plot, 1.5 * rem, middle - 0.5 * rem, rem);
  drawShares(plot, middle + 1.5 * rem, bottom, rem);
  drawSteps(plot, bottom, rem);
  $("cursor").style.top = `${rem}px`;
  $("cursor").style.height = `${bottom - rem}px`;
}

function drawTotal(plot, top, bottom, rem) {
  const logs = ROWS.map((row) => Math.log10(Math.max(row.total, 1e-30)));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const y = (log) => bottom - ((log - low) / Math.max(high - low, 0.1)) * (bottom - top);
  svg(plot, "text", { x: axis.left, y: top - 0.5 * rem, class: "title" }, "loss, on a logarithmic scale");
  const ticks = [high, low];
  for (let log = Math.ceil(low); log <= high; log++) {
    if (ticks.every((other) => Math.abs(y(other) - y(log)) > 1.1 * rem)) ticks.push(log);
  }
  for (const log of high - low < 0.05 ? [high] : ticks) {
    svg(plot, "path", { d: `M${path([[axis.left, y(log)], [axis.left + axis.width, y(log)]])}`, class: "grid" });
    const text = { x: axis.left - 0.4 * rem, y: y(log) + 0.3 * rem, "text-anchor": "end" };
    svg(plot, "text", text, number(10 ** log));
  }
  svg(plot, "path", { d: `M${path(ROWS.map((row, i) => [across(row.step), y(logs[i])]))}`, class: "total" });
}

function drawShares(plot, top, bottom, rem) {
  const y = (share) => top + share * (bottom - top);
  svg(plot, "text", { x: axis.left, y: top - 0.5 * rem, class: "title" }, "share of each term");
  for (const [share, text] of [[0, "100 %"], [0.5, "50 %"], [1, "0"]]) {
    svg(plot, "text", { x: axis.left - 0.4 * rem, y: y(share) + 0.3 * rem, "text-anchor": "end" }, text);
  }
  const definitions = svg(plot, "defs", {});
  const upper = ROWS.map(() => 0);
  RUN.terms.forEach((term, number) => {
    const edge = ROWS.map((row, i) => [across(row.step), y(upper[i])]);
    ROWS.forEach((row, i) => (upper[i] += row.shares[number]));
    const lower = ROWS.map((row, i) => [across(row.step), y(upper[i])]);
    const fill = term.kind === "content" ? hatch(definitions, number, term.colour) : term.colour;
    svg(plot, "path", { d: `M${path([...edge, ...lower.reverse()])}Z`, class: "band", fill });
  });
}

function hatch(definitions, number, colour) {
  const box = { id: `hatch${number}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const pattern = svg(definitions, "pattern", box);
  svg(pattern, "rect", { width: 6, height: 6, style: "fill: var(--paper)" });
  svg(pattern, "rect", { width: 3.2, height: 6, fill: colour });
  return `url(#${box.id})`;
}

function drawSteps(plot, bottom, rem) {
  const round = [1, 2, 5].flatMap((digit) => [0, 1, 2, 3, 4].map((power) => digit * 10 ** power)).sort((a, b) => a - b);
  const even = round.find((gap) => (gap / Math.max(LAST_STEP - FIRST_STEP, 1)) * axis.width > 3 * rem) || 1;
  const inner = state.stretch ? round : Array.from({ length: 200 }, (_, i) => (i + 1) * even);
  const ends = FIRST_STEP === LAST_STEP ? [FIRST_STEP] : [FIRST_STEP, LAST_STEP];
  let free = across(FIRST_STEP) + 2.2 * rem;
  for (const step of [...ends, ...inner.filter((step) => step > FIRST_STEP && step < LAST_STEP)]) {
    const x = across(step);
    if (!ends.includes(step) && (x < free || x > across(LAST_STEP) - 2.2 * rem)) continue;
    if (!ends.includes(step)) free = x + 2.2 * rem;
    svg(plot, "path", { d: `M${path([[x, bottom], [x, bottom + 0.3 * rem]])}`, class: "grid" });
    svg(plot, "text", { x, y: bottom + 1.25 * rem, "text-anchor": "middle" }, step);
  }
}

// Showing a step: everything on the page that follows it, at most once a screen refresh.

function show(index) {
  state.index = Math.min(Math.max(index, 0), LAST);
  if (state.drawing) return;
  state.drawing = true;
  requestAnimationFrame(() => {
    state.drawing = false;
    render();
  });
}

function render() {
  const step = RUN.steps[state.index];
  paint();
  decodeAhead();
  $("step").textContent = step;
  $("cursor").style.transform = `translateX(${across(step)}px)`;
  $("slider").value = state.index;
  $("slider").setAttribute("aria-valuetext", `step ${step} of ${LAST_STEP}`);
  if (!ROWS.length) return;
  const { total, shares, values } = rowAt(state.index);
  $("loss").textContent = number(total);
  const factor = ROWS[0].total / total;
  $("fall").textContent = factor > 1.05 && isFinite(factor) ? `${number(Number(factor.toPrecision(2)))} times lower than at the start` : "";
  $("slider").setAttribute("aria-valuetext", `step ${step} of ${LAST_STEP}, loss ${number(total)}`);
  bars.forEach(({ fill, share, value }, term) => {
    fill.style.clipPath = `inset(0 ${(100 * (1 - shares[term] / LARGEST)).toFixed(2)}% 0 0)`;
    share.textContent = percent(shares[term]);
    value.textContent = number(values[term]);
  });
}

// Playing: time moves along the axis, so that the first steps, in which most happens, are not over at once.

function play(playing) {
  state.playing = playing && LAST > 0;
  if (state.playing && state.index === LAST) state.index = 0;
  state.chosen = state.index;
  state.along = places[state.index];
  state.held = 0;
  state.clock = performance.now();
  document.body.toggleAttribute("data-playing", state.playing);
  $("play").setAttribute("aria-label", state.playing ? "Pause" : "Play");
  if (state.playing) requestAnimationFrame(tick);
}

function tick(now) {
  if (!state.playing) return;
  const seconds = Math.min(Math.max(now - state.clock, 0) / 1000, 0.1);
  state.clock = now;
  state.along += (seconds * Number($("speed").value)) / SECONDS;
  if (state.along >= 1) state.held += seconds;
  show(lastBefore(state.along));
  if (state.along >= 1 && !state.loop) return play(false);
  if (state.held > HOLD) [state.along, state.held] = [0, 0];
  requestAnimationFrame(tick);
}

function choose(index) {
  play(false);
  show(index);
  state.chosen = state.index;
}

// Hands: dragging on the plot chooses a step, hovering over it shows one, keys move by single pictures.

const timeline = $("timeline");
const under = (event) => nearest((event.clientX - timeline.getBoundingClientRect().left - axis.left) / axis.width);
timeline.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  timeline.setPointerCapture(event.pointerId);
  choose(under(event));
});
timeline.addEventListener("pointermove", (event) => {
  if (timeline.hasPointerCapture(event.pointerId)) choose(under(event));
  else if (!state.playing && event.pointerType === "mouse") show(under(event));
});
timeline.addEventListener("pointerleave", () => state.playing || show(state.chosen));
$("slider").addEventListener("input", () => choose(Number($("slider").value)));

const KEYS = {
  ArrowLeft: (event) => choose(state.index - (event.shiftKey ? 10 : 1)),
  ArrowRight: (event) => choose(state.index + (event.shiftKey ? 10 : 1)),
  PageUp: () => choose(state.index - 10),
  PageDown: () => choose(state.index + 10),
  Home: () => choose(0),
  End: () => choose(LAST),
  " ": () => play(!state.playing),
  l: () => $("loop").click(),
  f: () => $("full").click(),
};
document.addEventListener("keydown", (event) => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select") || !KEYS[key]) return;
  if (key === " " && event.target.matches("button")) return; // a button answers to space itself
  event.preventDefault();
  KEYS[key](event);
});

function toggle(id, change) {
  $(id).addEventListener("click", () => {
    state[id] = !state[id];
    $(id).setAttribute("aria-pressed", state[id]);
    change();
  });
}
toggle("loop", () => {});
toggle("stretch", () => {
  places = RUN.steps.map(place);
  state.along = places[state.index];
  drawPlot();
  render();
});
$("play").addEventListener("click", () => play(!state.playing));
$("back").addEventListener("click", () => choose(state.index - 1));
$("forth").addEventListener("click", () => choose(state.index + 1));
document.querySelector(".picture").addEventListener("click", () => play(!state.playing));
$("full").hidden = !document.fullscreenEnabled;
$("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));

// The start.

for (const { kind, name, image } of RUN.inputs) {
  const figure = element("figure", "");
  const picture = element("img", "");
  picture.src = image;
  picture.alt = `${kind} picture: ${name}`;
  figure.append(picture, element("figcaption", "", `${kind}: ${name}`));
  $("inputs").append(figure);
}
$("last").textContent = LAST_STEP;
$("slider").max = LAST;
$("cursor").hidden = false;
for (const id of ["play", "back", "forth", "slider"]) $(id).disabled = LAST === 0;
new ResizeObserver(() => {
  drawPlot();
  render();
}).observe($("plot"));
play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
