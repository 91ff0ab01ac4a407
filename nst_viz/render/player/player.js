// From the run's data in the page to a picture that can be scrubbed through, with its losses beside it.

const FRAMES = JSON.parse(document.getElementById("frames").textContent);
const SECONDS = Math.min(Math.max(FRAMES.length * 0.08, 3), 14); // of a whole run at speed 1
const HOLD = 1; // seconds that the last picture stays before the run starts again
const SPEEDS = [1, 2, 4, 0.25, 0.5];
const MEMORY = (navigator.deviceMemory || 4) >= 8 ? 320e6 : 160e6; // bytes of decoded pictures that are kept
const AT_ONCE = 4; // pictures that are decoded at the same time

const canvas = document.querySelector("canvas");
const pen = canvas.getContext("2d"); // see-through until the first picture is drawn, for the page shows that one under it

const theme = new URLSearchParams(location.search).get("theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

// Pictures: decoded ahead, off the main thread, nearest to the current one first; those farthest away are let go.

const decoded = new Map();
const underWay = new Set();
const broken = new Set();
const ROOM = Math.max(8, Math.min(FRAMES.length, Math.floor(MEMORY / (4 * canvas.width * canvas.height))));
let drawn = -1;

const distance = (index) => Math.abs(index - state.index);
function aheadOrBehind(index) {
  return Math.min(distance(index), FRAMES.length - distance(index)); // around the end, for the run starts again
}

function nextToDecode() {
  for (let far = 0; far < ROOM / 2; far++) {
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
    const farthest = [...decoded.keys()].reduce((far, other) => (aheadOrBehind(other) > aheadOrBehind(far) ? other : far));
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
  const best = [...decoded.keys()].reduce((near, other) => (distance(other) < distance(near) ? other : near), drawn);
  if (best < 0 || best === drawn || !decoded.has(best)) return;
  pen.drawImage(decoded.get(best), 0, 0, canvas.width, canvas.height);
  drawn = best;
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
  const { total, shares, values } = ROWS[RUN.rows[state.index]];
  $("loss").textContent = number(total);
  const factor = ROWS[0].total / total;
  const fallen = factor > 1.05 && isFinite(factor);
  $("fall").textContent = fallen ? `${Number(factor.toPrecision(2))} times lower than at the start` : "";
  $("slider").setAttribute("aria-valuetext", `step ${step} of ${LAST_STEP}, loss ${number(total)}`);
  bars.forEach(({ fill, share, value }, term) => {
    fill.style.clipPath = `inset(0 ${(100 * (1 - shares[term] / LARGEST)).toFixed(2)}% 0 0)`;
    share.textContent = percent(shares[term]);
    value.textContent = number(values[term]);
  });
}

// Playing: time moves along the axis, so that the first steps, in which most happens, are not over at once.

function play(playing) {
  cancelAnimationFrame(state.next);
  state.playing = playing && LAST > 0;
  if (state.playing && state.index === LAST) show(0);
  state.chosen = state.index;
  state.along = places[state.index];
  state.held = 0;
  state.clock = performance.now();
  document.body.toggleAttribute("data-playing", state.playing);
  $("play").setAttribute("aria-label", state.playing ? "Pause" : "Play");
  if (state.playing) state.next = requestAnimationFrame(tick);
}

function tick(now) {
  if (!state.playing) return;
  const seconds = Math.min(Math.max(now - state.clock, 0) / 1000, 0.1);
  state.clock = now;
  state.along += (seconds * state.speed) / SECONDS;
  if (state.along >= 1) state.held += seconds;
  const index = lastBefore(state.along);
  if (index !== state.index) {
    state.index = index;
    render();
  }
  if (state.along >= 1 && !state.loop) return play(false);
  if (state.held > HOLD) [state.along, state.held] = [0, 0];
  state.next = requestAnimationFrame(tick);
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
  if (event.button || event.target.closest("button")) return;
  timeline.setPointerCapture(event.pointerId);
  choose(under(event));
});
timeline.addEventListener("pointermove", (event) => {
  if (timeline.hasPointerCapture(event.pointerId)) choose(under(event));
  else if (!state.playing && event.pointerType === "mouse") show(event.target === $("stretch") ? state.chosen : under(event));
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
  s: () => $("speed").click(),
  l: () => $("loop").click(),
  f: () => $("full").click(),
};
document.addEventListener("keydown", (event) => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[key]) return;
  if (key === " " && event.target.matches("button")) return; // a button reached by keys answers to it
  event.preventDefault();
  KEYS[key](event);
});

document.addEventListener("click", (event) => {
  if (event.detail) event.target.closest("button")?.blur(); // clicked by a hand, not a key: space is for playing again
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

function pace(speed) {
  state.speed = speed;
  $("speed").textContent = `${{ 0.25: "¼", 0.5: "½" }[speed] || speed}×`;
  $("speed").setAttribute("aria-label", `Speed ${speed} times`);
}
$("speed").addEventListener("click", () => pace(SPEEDS[(SPEEDS.indexOf(state.speed) + 1) % SPEEDS.length]));
$("play").addEventListener("click", () => play(!state.playing));
$("back").addEventListener("click", () => choose(state.index - 1));
$("forth").addEventListener("click", () => choose(state.index + 1));
document.querySelector(".picture").addEventListener("click", () => play(!state.playing));
$("full").hidden = !document.fullscreenEnabled;
$("full").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});

// The start.

for (const { kind, name, image } of RUN.inputs) {
  const figure = element("figure", "");
  const picture = element("img", "");
  picture.src = image;
  picture.alt = `${kind} picture: ${name}`;
  figure.title = name;
  figure.append(picture, element("figcaption", "", `${kind}: ${name}`));
  $("inputs").append(figure);
}
$("last").textContent = LAST_STEP;
pace(1);
$("slider").max = LAST;
for (const id of ["play", "back", "forth", "slider"]) $(id).disabled = LAST === 0;
new ResizeObserver(() => {
  drawPlot();
  render();
}).observe($("plot"));
play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
