"use strict";
// From tracks of pictures in the page to canvases that all show the same step.

const DATA = JSON.parse(document.getElementById("data").textContent);
const LAST = DATA.steps.length - 1;
const SECONDS = Math.min(Math.max(DATA.steps.length * 0.1, 3), 10); // of the whole timeline
const HOLD = 1; // seconds that the last step stays
const $ = (id) => document.getElementById(id);
const state = { index: 0, playing: false, along: 0, held: 0, clock: 0 };

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Pictures: each is decoded once and kept; until it is there, the nearest before it stays on the canvas.

function decode(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return createImageBitmap(new Blob([bytes], { type: "image/webp" }));
}

const tracks = DATA.tracks.map((track) => {
  const canvas = element("canvas", track.pixelated ? "pixelated" : "");
  canvas.width = track.width;
  canvas.height = track.height;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", track.label);
  return { ...track, canvas, pen: canvas.getContext("2d"), bitmaps: new Map(), copies: [] };
});

async function decodeAll() {
  const longest = Math.max(...tracks.map((track) => track.frames.length));
  for (let number = 0; number < longest; number++) {
    for (const track of tracks) {
      if (number < track.frames.length) track.bitmaps.set(number, await decode(track.frames[number]));
    }
    if (number === 0 || number === longest - 1 || number % 4 === 0) draw();
  }
}

function draw() {
  for (const track of tracks) {
    const bitmap = track.bitmaps.get(track.at[state.index]);
    if (!bitmap) continue;
    for (const { pen, canvas } of [track, ...track.copies]) pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }
}

function show(index) {
  state.index = Math.min(Math.max(index, 0), LAST);
  $("slider").value = state.index;
  $("slider").setAttribute("aria-valuetext", `step ${DATA.steps[state.index]} of ${DATA.steps[LAST]}`);
  $("step").textContent = DATA.steps[state.index];
  const mark = document.querySelector("#plot line");
  if (mark) for (const end of ["x1", "x2"]) mark.setAttribute(end, across(state.index));
  draw();
}

// The tracks side by side; a click makes one as large as the frame, another or Escape puts it back.

function enlarge(figure) {
  const large = figure && !figure.classList.contains("large");
  document.querySelector(".large")?.classList.remove("large");
  if (large) figure.classList.add("large");
  fit();
}

for (const track of tracks) {
  const figure = element("figure", "");
  const button = element("button", "");
  button.setAttribute("aria-label", `${track.label}: larger or smaller`);
  button.title = "click: large, or back";
  button.append(track.canvas);
  button.addEventListener("click", () => enlarge(figure));
  const caption = element("figcaption", "");
  if (track.colour) {
    const swatch = element("i", `swatch${track.hatched ? " hatched" : ""}`);
    swatch.style.setProperty("--colour", track.colour);
    caption.append(swatch);
  }
  caption.append(track.label, " ", element("span", "", track.about));
  figure.append(button, caption);
  $("tracks").append(figure);
}
const FITS = !DATA.wipe && tracks.length < 10; // more are scrolled through
$("tracks").toggleAttribute("data-fit", FITS);
if (!FITS) $("tracks").style.setProperty("--least", tracks.length > 20 ? "7.5rem" : "9.5rem");

// As many columns as make the pictures about as large as they can be while all of them are seen.

function fit() {
  if (!FITS || document.querySelector(".large")) return;
  $("timeline").style.flexGrow = 0; // as low as it can be
  const [wide, high] = [$("tracks").clientWidth, innerHeight - $("timeline").offsetHeight - 20];
  $("timeline").style.flexGrow = "";
  const words = Math.max(...[...document.querySelectorAll("figcaption")].map((caption) => caption.offsetHeight));
  const shape = Math.max(...tracks.map((track) => track.height / track.width));
  const choices = tracks.map((_, number) => {
    const rows = Math.ceil(tracks.length / (number + 1));
    const height = high / rows - words - 12;
    return { columns: number + 1, rows, height, side: Math.min(height, (shape * wide) / (number + 1) - 12) };
  });
  const largest = Math.max(...choices.map((choice) => choice.side));
  const nearly = choices.filter((choice) => choice.side > 0.9 * largest);
  const best = nearly.reduce((one, other) => (other.rows < one.rows ? other : one)); // the fewest rows, where it hardly matters
  $("tracks").style.setProperty("--columns", best.columns);
  $("tracks").style.setProperty("--most", `${Math.max(best.height, 80)}px`);
}

// Two tracks over one another, with an edge that follows the hand or the arrow keys.

function copyOf(track) {
  const canvas = element("canvas", "");
  [canvas.width, canvas.height] = [tracks[0].width, tracks[0].height];
  track.copies.push({ canvas, pen: canvas.getContext("2d") });
  return canvas;
}

if (DATA.wipe) {
  const stage = element("div", "stage");
  const edge = element("input", "");
  Object.assign(edge, { type: "range", min: 0, max: 100, value: 50 });
  edge.setAttribute("aria-label", "Edge between the two pictures");
  const move = () => stage.style.setProperty("--edge", `${edge.value}%`);
  edge.addEventListener("input", move);
  stage.append(copyOf(tracks[0]), copyOf(tracks[1]), element("div", "edge"), element("span", "tag a", "A"));
  stage.append(element("span", "tag b", "B"), edge);
  const place = element("div", "stage-place"); // as high as the picture, not as the row
  place.append(stage);
  $("tracks").prepend(place);
  $("tracks").toggleAttribute("data-wipe", true);
  move();
}

// The timeline: every step that is shown is as wide as the next, and they were chosen by how much changes, so the cursor of
// the plot stands below the slider's thumb.

const place = (index) => (LAST ? index / LAST : 0);
const across = (index) => 1000 * place(index);

function svg(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  $("plot").append(made);
}

function drawPlot() {
  const values = DATA.curves.flatMap((curve) => curve.values).filter((value) => value > 0);
  if (!values.length || !LAST) return ["plot", "axis", "ticks", "key"].forEach((id) => $(id).remove());
  $("plot").setAttribute("viewBox", "0 0 1000 100");
  $("plot").setAttribute("preserveAspectRatio", "none");
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  const y = (value) => 96 - (92 * (Math.log(Math.max(value, Math.min(...values))) - low)) / Math.max(high - low, 1e-9);
  DATA.curves.forEach((curve, number) => {
    const points = curve.values.map((value, index) => `${across(index).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const look = `c${number % 3} d${Math.floor(number / 3) % 4}`; // twelve that differ
    svg("polyline", { points, class: look });
    const entry = element("span", "");
    entry.append(element("i", look), curve.label);
    $("key").append(entry, " ");
  });
  for (const end of [high, low]) $("axis").append(element("span", "", Math.exp(end).toPrecision(2).replace("e+", "e")));
  $("key").append("(logarithmic)");
  const shown = Math.min(LAST, 5);
  for (let number = 0; number <= shown; number++) {
    const index = Math.round((number * LAST) / shown);
    const tick = element("span", "", DATA.steps[index]);
    tick.style.left = `${100 * place(index)}%`;
    $("ticks").append(tick);
  }
  svg("line", { x1: 0, x2: 0, y1: 0, y2: 100, "vector-effect": "non-scaling-stroke" });
}

function play(playing) {
  state.playing = playing && LAST > 0;
  document.body.toggleAttribute("data-playing", state.playing);
  $("play").setAttribute("aria-label", state.playing ? "Pause" : "Play");
  if (!state.playing) return;
  state.along = state.index === LAST ? 0 : place(state.index);
  state.held = 0;
  state.clock = performance.now();
  requestAnimationFrame(tick);
}

function tick(now) {
  if (!state.playing) return;
  const seconds = Math.min(Math.max(now - state.clock, 0) / 1000, 0.1);
  state.clock = now;
  state.along += seconds / SECONDS;
  if (state.along >= 1) state.held += seconds;
  let index = LAST;
  while (index > 0 && place(index) > state.along) index--;
  if (index !== state.index) show(index);
  if (state.held > HOLD) [state.along, state.held] = [0, 0];
  requestAnimationFrame(tick);
}

function choose(index) {
  play(false);
  show(index);
}

$("slider").max = LAST;
$("slider").addEventListener("input", () => choose(Number($("slider").value)));
$("play").addEventListener("click", () => play(!state.playing));
$("timeline").hidden = LAST === 0;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") enlarge(null);
  if (event.target.matches("input, button") || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = { ArrowLeft: () => choose(state.index - 1), ArrowRight: () => choose(state.index + 1), " ": () => play(!state.playing) };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});

drawPlot();
show(0);
new ResizeObserver(fit).observe(document.documentElement);
decodeAll().then(() => play(!matchMedia("(prefers-reduced-motion: reduce)").matches));
