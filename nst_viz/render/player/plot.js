"use strict";
// From the run's losses to the table of bars and to the plot over time, which is also the timeline.

const RUN = JSON.parse(document.getElementById("run").textContent);
const LAST = RUN.steps.length - 1;
const state = {
  index: 0, // of the picture that is shown
  chosen: 0, // the one that is shown again when the mouse leaves the plot
  along: 0, // where playing is on the time axis, 0 to 1
  held: 0, // seconds that the last picture has been shown
  clock: 0, // milliseconds, when playing last moved on
  next: 0, // the screen refresh at which it will again
  playing: false,
  speed: 1,
  loop: true,
  stretch: true, // whether early steps are wider on the time axis
  drawing: false, // whether the page will follow at the next screen refresh
};
const $ = (id) => document.getElementById(id);

// Numbers as a person reads them.

function number(value) {
  if (value === 0) return "0";
  if (value >= 0.001 && value < 999.5) return value.toPrecision(3);
  if (value >= 999.5 && value < 99999.5) return String(Number(value.toPrecision(3)));
  const [mantissa, power] = value.toExponential(1).split("e");
  return `${mantissa}·10${[...String(Number(power))].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] || "⁻").join("")}`;
}
const percent = (share) => (share > 0 && share < 0.005 ? "<1 %" : `${Math.round(share * 100)} %`);

// Losses: one row a recorded step, one column a term; the terms' shares of the total are what is drawn.

const ROWS = RUN.curve.steps.map((step, row) => {
  const values = RUN.curve.values[row];
  const total = values.reduce((sum, value) => sum + value, 0);
  return { step, values, total, shares: values.map((value) => (total > 0 ? value / total : 0)) };
});
if (ROWS.length === 1) ROWS.push({ ...ROWS[0], step: ROWS[0].step + 1 }); // one step is drawn as if it went on
const LARGEST = Math.max(...ROWS.flatMap((row) => row.shares), 0.01);

// The time axis: a step's place on it, 0 to 1. On the scale of log(1 + step), about equally much changes in each part of it.

const [FIRST_STEP, LAST_STEP] = [RUN.steps[0], RUN.steps[LAST]];
function place(step) {
  const scale = state.stretch ? Math.log1p : (steps) => steps;
  return Math.min(scale(step - FIRST_STEP) / Math.max(scale(LAST_STEP - FIRST_STEP), 0.1), 1);
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
  const hatched = term.hatched ? " hatched" : "";
  const heading = element("th", "");
  heading.scope = "row";
  const name = element("span", "name", term.label);
  heading.append(element("span", `swatch${hatched}`), name, element("span", "about", term.about));
  const [bar, share, value] = ["bar", "share", "value"].map((part) => element("td", part));
  const fill = element("div", `fill${hatched}`);
  bar.append(fill);
  row.append(heading, bar, share, value);
  row.addEventListener("pointerenter", () => highlight(number));
  row.addEventListener("pointerleave", () => highlight(-1));
  $("terms").append(row);
  return { fill, share, value };
});

$("terms").toggleAttribute("data-many", RUN.terms.length > 11);

function highlight(number) {
  const bands = $("plot").querySelectorAll(".band");
  bands.forEach((band, other) => band.classList.toggle("faded", number >= 0 && other !== number));
}

// The plot: total loss on a logarithmic scale above, each term's share of it below, over the time axis.

const axis = { left: 0, width: 1 }; // pixels

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
  if (ROWS.length) {
    drawTotal(plot, 1.5 * rem, middle - 0.5 * rem, rem);
    drawShares(plot, middle + 1.5 * rem, bottom, rem);
  }
  drawSteps(plot, bottom, rem);
  for (const [id, top] of [["total-title", 0], ["share-title", middle], ["cursor", rem]]) $(id).style.top = `${top}px`;
  for (const id of ["total-title", "share-title"]) $(id).style.left = `${axis.left}px`;
  $("cursor").style.height = `${bottom - rem}px`;
}

function drawTotal(plot, top, bottom, rem) {
  const logs = ROWS.map((row) => Math.log10(Math.max(row.total, 1e-30)));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const y = (log) => bottom - ((log - low) / Math.max(high - low, 0.1)) * (bottom - top);
  const ticks = [high, low];
  for (let log = Math.ceil(low); log <= high; log++) {
    if (ticks.every((other) => Math.abs(y(other) - y(log)) > 1.1 * rem)) ticks.push(log);
  }
  for (const log of high - low < 0.05 ? [high] : ticks) {
    svg(plot, "path", { d: `M${path([[axis.left, y(log)], [axis.left + axis.width, y(log)]])}`, class: "grid" });
    const text = { x: axis.left - 0.4 * rem, y: y(log) + 0.3 * rem, "text-anchor": "end" };
    svg(plot, "text", text, log < -3 || log >= 5 ? number(10 ** log) : Number((10 ** log).toPrecision(2)));
  }
  svg(plot, "path", { d: `M${path(ROWS.map((row, i) => [across(row.step), y(logs[i])]))}`, class: "total" });
}

function drawShares(plot, top, bottom, rem) {
  const height = (share) => top + share * (bottom - top);
  for (const [share, text] of [[0, "100 %"], [0.5, "50 %"], [1, "0"]]) {
    svg(plot, "text", { x: axis.left - 0.4 * rem, y: height(share) + 0.3 * rem, "text-anchor": "end" }, text);
  }
  const definitions = svg(plot, "defs", {});
  const labels = [];
  let upper = ROWS.map((row) => [across(row.step), height(0)]);
  RUN.terms.forEach((term, number) => {
    const lower = upper.map(([x, y], i) => [x, y + ROWS[i].shares[number] * (bottom - top)]);
    const fill = term.hatched ? hatch(definitions, number, term.colour) : term.colour;
    svg(plot, "path", { d: `M${path([...upper, ...lower.slice().reverse()])}Z`, class: "band", fill });
    labels.push([term.label, widest(upper, lower, term.label.length * 0.3 * rem)]);
    upper = lower;
  });
  for (const [text, { x, y, room }] of labels) {
    if (room > 1.1 * rem) svg(plot, "text", { x, y: y + 0.3 * rem, class: "inside" }, text);
  }
}

// Where a band has most room for a text of so many pixels to either side.
function widest(upper, lower, half) {
  let best = { x: 0, y: 0, room: 0 };
  for (let x = axis.left + half; x <= axis.left + axis.width - half; x += 8) {
    const probes = [-1, -0.5, 0, 0.5, 1].map((side) => x + side * half);
    const ceiling = Math.max(...probes.map((probe) => heightAt(upper, probe)));
    const floor = Math.min(...probes.map((probe) => heightAt(lower, probe)));
    if (floor - ceiling > best.room) best = { x, y: (ceiling + floor) / 2, room: floor - ceiling };
  }
  return best;
}

function heightAt(points, x) {
  const next = Math.max(points.findIndex((point) => point[0] >= x), 1);
  const [[x0, y0], [x1, y1]] = [points[next - 1], points[next]];
  return x1 > x0 ? y0 + ((y1 - y0) * (x - x0)) / (x1 - x0) : y0;
}

function hatch(definitions, number, colour) {
  const box = { id: `hatch${number}`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  const pattern = svg(definitions, "pattern", box);
  svg(pattern, "rect", { width: 6, height: 6, style: "fill: var(--paper)" });
  svg(pattern, "rect", { width: 3.2, height: 6, fill: colour });
  return `url(#${box.id})`;
}

function drawSteps(plot, bottom, rem) {
  const apart = 2.4 * rem;
  const round = [0, 1, 2, 3, 4, 5].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
  const gap = round.find((gap) => gap * axis.width > 3 * rem * (LAST_STEP - FIRST_STEP)) || 1;
  const inner = state.stretch ? round : Array.from({ length: 100 }, (_, i) => (i + 1) * gap);
  const steps = [FIRST_STEP];
  for (const step of inner) {
    const free = across(step) - across(steps.at(-1)) > apart && across(LAST_STEP) - across(step) > apart;
    if (step > FIRST_STEP && step < LAST_STEP && free) steps.push(step);
  }
  for (const step of LAST > 0 ? [...steps, LAST_STEP] : steps) {
    const x = across(step);
    svg(plot, "path", { d: `M${path([[x, bottom], [x, bottom + 0.3 * rem]])}`, class: "grid" });
    svg(plot, "text", { x, y: bottom + 1.25 * rem, "text-anchor": "middle" }, step);
  }
}
