// Two views of one digit, and the digits that are nearest to it by the codes of a network trained with such views.
// Codes of other networks come without views: then there are the digit and its neighbours alone.

const NEIGHBOURS = 8;

function twoViews(config, buffer) {
  const models = config.models.map(({ vectors, ...rest }) => ({ ...rest, ...matrix(buffer, vectors) }));
  return { models, pictures: picturesOf(buffer, config.pictures), labels: config.labels };
}

/** A picture seen through a window: torch's affine_grid and grid_sample, bilinear, with zeros outside. */
function throughWindow(pixels, [a, b, dx, c, d, dy]) {
  const side = Math.round(Math.sqrt(pixels.length));
  const at = (x, y) => (x >= 0 && x < side && y >= 0 && y < side ? pixels[y * side + x] : 0);
  return Float32Array.from(pixels, (_, i) => {
    const [u, v] = [(2 * (i % side) + 1) / side - 1, (2 * Math.floor(i / side) + 1) / side - 1]; // from -1 to 1
    const [x, y] = [a * u + b * v + dx, c * u + d * v + dy].map((place) => ((place + 1) * side - 1) / 2);
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [right, below] = [x - left, y - top]; // shares
    return (1 - below) * ((1 - right) * at(left, top) + right * at(left + 1, top)) +
      below * ((1 - right) * at(left, top + 1) + right * at(left + 1, top + 1));
  });
}

/** The window of ae.random_affine for its six numbers from -1 to 1. */
function windowFor(u, { rotation, shift, scale, crop }, side) {
  const angle = (rotation * Math.PI * u[0]) / 180;
  const size = crop * scale ** u[1];
  const [dx, dy] = [2, 4].map((i) => ((2 * shift) / side) * u[i] + (1 - crop) * u[i + 1]);
  const [cos, sin] = [size * Math.cos(angle), size * Math.sin(angle)];
  return [cos, -sin, dx, sin, cos, dy];
}

/** One view: turned, moved, scaled and cropped, maybe stood on its head, then a square erased, then noise added. */
function viewOf(pixels, amounts, random) {
  const side = Math.round(Math.sqrt(pixels.length));
  const view = throughWindow(pixels, windowFor(Array.from({ length: 6 }, () => 2 * random() - 1), amounts, side));
  if (amounts.half_turn && random() < 0.5) view.reverse();
  const [left, top] = [0, 1].map(() => Math.floor(random() * (side - amounts.erase + 1)));
  return view.map((value, i) => {
    const [x, y] = [(i % side) - left, Math.floor(i / side) - top];
    const gone = x >= 0 && x < amounts.erase && y >= 0 && y < amounts.erase;
    return (gone ? 0 : value) + (amounts.noise ? amounts.noise * normal(random) : 0);
  });
}

/** The items nearest to one of them by the cosine, nearest first. All vectors have length one. */
function nearestItems({ weight, rows, columns }, which, count) {
  const cosines = Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += weight[i * columns + j] * weight[which * columns + j];
    return [i, sum];
  });
  return cosines.filter(([i]) => i !== which).sort(([, a], [, b]) => b - a).slice(0, count).map(([i]) => i);
}

/** "turned by up to 20°, moved by up to 3 pixels" */
function inWords({ half_turn, rotation, shift, scale, crop, erase, noise }) {
  const parts = [
    half_turn && "stood on its head, or not",     rotation && `turned by up to ${rotation}°`, shift && `moved by up to ${shift} pixels`,
    scale > 1 && `up to ${scale} times as large or as small`, crop < 1 && `cut to a window of ${percent(crop)} of the side`,
    erase && `with a square of ${erase} × ${erase} pixels erased`, noise && `with noise of ${noise}`].filter(Boolean);
  return parts.length ? parts.join(", ") : "left as it is";
}

function buildTwoViews({ models, pictures, labels }) {
  const kinds = [...new Set(labels)].sort((a, b) => a - b);
  let [colors, model, which, seed] = [LIGHT, models[0], labels.indexOf(kinds[Math.min(6, kinds.length - 1)]), 1];
  const count = Math.min(NEIGHBOURS, pictures.length - 1);
  const shown = ["The digit", "One view", "Another view"].map(picture);
  const near = Array.from({ length: count }, (_, i) => picture(`Nearest ${i + 1}`));
  const { nodes, say } = sentence();
  const settings = element("p", { class: "ae-help" });

  function update() {
    const random = generator(seed);
    const what = withArticle(labels[which]);
    shown[0].show(colors, pictures[which], `The digit: ${what}`, what);
    for (const [i, name] of model.views ? ["One view", "Another view"].entries() : [])
      shown[1 + i].show(colors, viewOf(pictures[which], model.views, random), name, `${name} of ${what}, ${inWords(model.views)}`);
    const found = nearestItems(model, which, count);
    found.forEach((item, i) => near[i].show(colors, pictures[item], withArticle(labels[item]), `Nearest ${i + 1}: ${withArticle(labels[item])}`));
    const times = (kind) => found.filter((item) => labels[item] === kind).length;
    const others = kinds.filter((kind) => kind !== labels[which] && times(kind)).sort((a, b) => times(b) - times(a));
    const counted = [labels[which], ...others].map((kind) => `${times(kind)} ${times(kind) === 1 ? "is" : "are"} ${withArticle(kind)}`);
    if (model.views) settings.textContent = `“${model.name}”: each view is ${inWords(model.views)}.`;
    say(`Of the ${count} nearest to this ${labels[which]}, ${counted.join(", ")}. ` +
      `Over all ${pictures.length} digits the nearest is of the same class for ${percent(model.same)}.`);
  }
  const ofKind = (kind) => labels.flatMap((label, i) => (label === kind ? [i] : []));
  const step = (by) => () => {
    const all = ofKind(labels[which]);
    which = all[(all.indexOf(which) + by + all.length) % all.length];
    update();
  };
  const views = Boolean(model.views);
  const node = element("div", {},
    element("p", { class: "ae-help" }, views
      ? "Choose what the views may do to a digit. The network was trained to find one view from the other."
      : "Choose a code. Near are two digits whose codes point in nearly the same direction."),
    choice(views ? "Trained with" : "Code", models.map(({ name }) => name), model.name, (name) => { model = models.find((one) => one.name === name); update(); }),
    ...(views ? [settings] : []),
    element("div", { class: "ae-pictures" }, ...shown.slice(0, views ? 3 : 1).map((one) => one.node)),
    element("div", { class: "ae-row" }, ...(views ? [button("Two new views", () => { seed++; update(); })] : []),
      button("Previous digit", step(-1)), button("Next digit", step(1))),
    choice("Show a", kinds.map(String), String(labels[which]), (kind) => { which = ofKind(Number(kind))[0]; update(); }),
    element("p", { class: "ae-help" }, views ? "Nearest by the network's codes:" : "Nearest by this code:"),
    element("div", { class: "ae-pictures ae-eight" }, ...near.map((one) => one.node)), ...nodes);
  return {
    node,
    recolor(now) {
      colors = now;
      update();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = twoViews(config, buffer);
  return () => buildTwoViews(parts);
};
