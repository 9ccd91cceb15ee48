import { Chart } from "./chart.js";
import { byId, html } from "./dom.js";
import { EditableChart } from "./editable-chart.js";
import { adaptOnly, algorithms, curveOf, errorAt, pointsOfNewCurve } from "./sinusoids.js";
import { timed } from "./timed.js";

/** @import { Adapter } from "rvml/adapt" */
/** @import { Point } from "./strokes.js" */

/** @typedef {(typeof algorithms)[number]["key"]} Key */
/** @typedef {{ chart: Chart, error: HTMLElement }} Card */

const SHOTS = 5;
const MOST_POINTS = 20;

/** Points to drag, and the curve that each algorithm's network makes of them. @param {Readonly<Record<Key, Adapter>>} learners */
export function startSinusoids(learners) {
  /** @type {Point[]} */
  let points = [];
  /** @type {Key} */
  let shown = "maml";
  const steps = byId("steps", HTMLInputElement);
  const chart = new EditableChart({
    onMove: (index, point) => change(points.map((each, i) => (i === index ? point : each))),
    onEnd: measure,
    onAdd: (point) => points.length < MOST_POINTS && settle([...points, point]),
    onRemove: (index) => points.length > 1 && settle(points.filter((_, i) => i !== index)),
  });
  chart.element.setAttribute("aria-label", "Points, and the curve of the chosen algorithm");
  byId("sine-chart", HTMLElement).append(chart.element);
  const cards = new Map(algorithms.map(({ key }) => [key, cardOf(key)]));

  /** @param {Key} key */
  function cardOf(key) {
    const { name, about } = algorithms.find((each) => each.key === key) ?? algorithms[0];
    const small = new Chart();
    small.element.setAttribute("aria-hidden", "true");
    const error = html("span", { class: "error" });
    const choice = html("input", { type: "radio", name: "algorithm", value: key });
    choice.checked = key === shown;
    choice.addEventListener("change", () => {
      shown = key;
      render();
      measure();
    });
    const words = html(
      "span",
      { class: "words" },
      html("b", {}, name),
      html("small", {}, about),
      error,
    );
    byId("algorithms", HTMLElement).append(
      html("label", { class: `card ${key}` }, choice, small.element, words),
    );
    return { chart: small, error };
  }

  function render() {
    const count = Number(steps.value);
    byId("steps-shown", HTMLOutputElement).value = steps.value;
    for (const [key, card] of cards) {
      const learner = learners[key];
      const [before, after] = [curveOf(learner, points, 0), curveOf(learner, points, count)];
      card.chart.show(before, after, points);
      card.error.textContent = `error ${number(errorAt(learner, points, 0))} → ${number(errorAt(learner, points, count))}`;
      if (key === shown) chart.show(before, after, points);
    }
    byId("add-point", HTMLButtonElement).disabled = points.length >= MOST_POINTS;
    byId("remove-point", HTMLButtonElement).disabled = points.length <= 1;
  }

  /** While a point is dragged the time is not measured: that takes some rounds. */
  function measure() {
    const { ms } = timed(() => adaptOnly(learners[shown], points, Number(steps.value)));
    byId("sine-ms", HTMLElement).textContent = `${ms < 0.1 ? ms.toFixed(3) : ms.toFixed(2)} ms`;
  }

  /** @param {Point[]} next */
  function change(next) {
    points = next;
    render();
  }

  /** @param {Point[]} next */
  function settle(next) {
    change(next);
    measure();
  }

  steps.addEventListener("input", render);
  steps.addEventListener("change", measure);
  byId("new-curve", HTMLButtonElement).addEventListener("click", () =>
    settle(pointsOfNewCurve(SHOTS)),
  );
  byId("add-point", HTMLButtonElement).addEventListener("click", () => settle([...points, [0, 0]]));
  byId("remove-point", HTMLButtonElement).addEventListener("click", () =>
    settle(points.slice(0, -1)),
  );
  settle(pointsOfNewCurve(SHOTS));
}

/** @param {number} value */
const number = (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(2));
