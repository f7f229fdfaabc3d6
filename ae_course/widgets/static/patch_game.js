// Two puzzles on one digit: fill a hole, or put four quarters back; and what two networks answer.

const SIDE = 28;
const HALF = SIDE / 2;
const HIDE = "hide a patch";
const SHUFFLE = "shuffle the quarters";
const PLACES = ["upper left", "upper right", "lower left", "lower right"];

function patchGame(config, buffer) {
  return { fill: layersOf(buffer, config.fill), restore: layersOf(buffer, config.restore), size: config.size, orders: config.orders,
    mean: picturesOf(buffer, config.mean)[0], digits: picturesOf(buffer, config.pictures), labels: config.labels };
}

const inHole = (i, [row, column], size) => {
  const [down, across] = [((i / SIDE) | 0) - row, (i % SIDE) - column];
  return down >= 0 && down < size && across >= 0 && across < size;
};

/** The picture without the square of `size` pixels whose upper left one is at (row, column). */
const withHole = (pixels, corner, size) => pixels.map((ink, i) => (inHole(i, corner, size) ? 0 : ink));

/** The mean squared error inside the hole alone. */
function holeError(a, b, corner, size) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (inHole(i, corner, size)) sum += (a[i] - b[i]) ** 2;
  return sum / size ** 2;
}

/** At each place, row by row, put the quarter that `order` names there. */
function arranged(pixels, order) {
  return pixels.map((_, i) => {
    const [row, column] = [(i / SIDE) | 0, i % SIDE];
    const from = order[2 * (row >= HALF) + (column >= HALF)];
    return pixels[((row % HALF) + HALF * (from >> 1)) * SIDE + (column % HALF) + HALF * (from & 1)];
  });
}

function buildPatchGame({ fill, restore, size, orders, mean, digits, labels }) {
  let [colors, puzzle, index, corner, order, cursor, held, swaps] = [LIGHT, HIDE, 0, [7, 7], [0, 1, 2, 3], 0, -1, 0];
  const random = generator(1);
  const [first, second, third] = [picture("Drawn by the network"), picture("Mean image"), picture("As it was")];
  const { nodes, say } = sentence();
  const place = element("p", { class: "ae-unseen", role: "status" }); // of the square, or of the chosen quarter
  const answers = element("input", { type: "checkbox", checked: true, onchange: () => update() });
  const pictures = element("div", { class: "ae-pictures" }, first.node, second.node, third.node);
  const shown = () => (puzzle === HIDE ? withHole(digits[index], corner, size) : arranged(digits[index], order));

  const board = plot({ class: "ae-plane", tabindex: 0, role: "application", style: "image-rendering: pixelated" }, (context, w, h) => {
    const small = element("canvas", { width: SIDE, height: SIDE });
    paint(small, shown(), colors);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, w, h);
    const [ink, accent] = colors.dark ? ["#b8b8b8", "#6cc4ee"] : ["#595959", "#0b6e99"];
    const frame = (x, y, side, color, width, dash = []) => {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.setLineDash(dash);
      context.strokeRect((w * x) / SIDE, (h * y) / SIDE, (w * side) / SIDE, (h * side) / SIDE);
    };
    if (puzzle === HIDE) return frame(corner[1], corner[0], size, accent, 3);
    for (const at of [0, 1, 2, 3]) frame(HALF * (at & 1), HALF * (at >> 1), HALF, ink, 1);
    if (board.canvas.matches(":focus-visible")) frame(HALF * (cursor & 1) + 0.8, HALF * (cursor >> 1) + 0.8, HALF - 1.6, accent, 2, [5, 4]);
    if (held >= 0) frame(HALF * (held & 1) + 0.4, HALF * (held >> 1) + 0.4, HALF - 0.8, accent, 4);
  });

  function update() {
    const digit = digits[index];
    const name = `Test digit ${index + 1}, ${withArticle(labels[index])}`;
    board.redraw();
    second.node.hidden = puzzle !== HIDE;
    pictures.style.display = answers.checked ? "" : "none";
    if (puzzle === HIDE) {
      const drawn = run(fill, shown());
      const [ours, guess] = [drawn, mean].map((answer) => holeError(answer, digit, corner, size).toFixed(3));
      first.show(colors, drawn, `Drawn by the network: error ${ours}`, `The digit as the network draws it, with a mean squared error of ${ours} in the square`);
      second.show(colors, mean, `Mean image: error ${guess}`, `The mean of all training images, with a mean squared error of ${guess} in the square`);
      third.show(colors, digit, "As it was", `${name}, as it was`);
      board.canvas.setAttribute("aria-label", `${name}, with a square erased at row ${corner[0] + 1}, column ${corner[1] + 1}: arrow keys move the square`);
      say(answers.checked ? `${name}. In the square the network's error is ${ours}, that of the mean image ${guess}.` : `${name}. What is under the square?`);
      return;
    }
    const right = order.filter((quarter, at) => quarter === at).length;
    const found = softmax(run(restore, shown()));
    const best = found.indexOf(Math.max(...found));
    const back = [0, 1, 2, 3].map((quarter) => order[orders[best].indexOf(quarter)]);
    const agrees = orders[best].every((quarter, at) => quarter === order[at]);
    const words = `Put back by the network: ${agrees ? "right" : "wrong"}, ${percent(found[best])} sure`;
    first.show(colors, arranged(digit, back), words);
    third.show(colors, digit, "As it was", `${name}, as it was`);
    board.canvas.setAttribute("aria-label", `${name}, in four quarters, of which ${right} are in place: arrow keys go from quarter to quarter, Enter takes one and swaps it with the next that is taken`);
    const solved = right === 4 ? ` Restored${swaps ? ` with ${swaps} ${swaps === 1 ? "swap" : "swaps"}` : ""}.` : "";
    const network = answers.checked ? ` The network puts them back ${agrees ? "right" : "wrong"}, and is ${percent(found[best])} sure.` : "";
    say(`${name}. ${right} of 4 quarters are in place.${solved}${network}`);
  }

  function moveTo(row, column) {
    const most = SIDE - size;
    corner = [row, column].map((at) => Math.min(most, Math.max(0, Math.round(at))));
    update();
  }
  function takeQuarter(at) {
    cursor = at;
    if (held < 0) held = at;
    else {
      if (held !== at) {
        [order[held], order[at]] = [order[at], order[held]];
        swaps++;
      }
      held = -1;
    }
    place.textContent = held < 0 ? "" : `The quarter at the ${PLACES[held]} is taken.`;
    update();
  }
  function mix() {
    const before = order.join();
    do order = orders[Math.floor(random() * orders.length)].slice();
    while (order.join() === before || order.every((quarter, at) => quarter === at));
    [held, swaps] = [-1, 0];
    update();
  }
  function turnTo(to) {
    index = (to + digits.length) % digits.length;
    if (puzzle === SHUFFLE) mix();
    else update();
  }

  const quarterAt = ([x, y]) => 2 * (y >= 0.5) + (x >= 0.5);
  const inside = ([x, y]) => x >= 0 && x < 1 && y >= 0 && y < 1;
  let [grip, began] = [null, null];
  const hold = ([x, y]) => moveTo(SIDE * y - grip[0], SIDE * x - grip[1]);
  follow(board.canvas, {
    down: (at) => {
      began = { corner, order: order.slice(), held, swaps, at };
      if (puzzle === SHUFFLE) return takeQuarter(quarterAt(at));
      const [down, across] = [SIDE * at[1] - corner[0], SIDE * at[0] - corner[1]];
      const onSquare = down >= 0 && down < size && across >= 0 && across < size;
      grip = onSquare ? [down, across] : [size / 2, size / 2]; // outside, the square comes to the pointer
      hold(at);
    },
    move: (at) => { if (puzzle === HIDE) hold(at); },
    up: (at, kept) => {
      if (!kept) ({ corner, order, held, swaps } = began); // it was the first finger of a pinch
      else if (puzzle === SHUFFLE && held >= 0 && inside(at) && quarterAt(at) !== quarterAt(began.at)) return takeQuarter(quarterAt(at)); // dragged there
      update();
    },
  });
  for (const change of ["focus", "blur"]) board.canvas.addEventListener(change, () => board.redraw());
  const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  board.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = ARROWS[event.key];
    if (step && puzzle === HIDE) {
      moveTo(corner[0] + step[0], corner[1] + step[1]);
      place.textContent = `The square begins at row ${corner[0] + 1}, column ${corner[1] + 1}.`;
    } else if (step) {
      const [row, column] = [cursor >> 1, cursor & 1].map((at, axis) => Math.min(1, Math.max(0, at + step[axis])));
      cursor = 2 * row + column;
      place.textContent = `At the ${PLACES[cursor]}.`;
      board.redraw();
    } else if (puzzle === SHUFFLE && (event.key === "Enter" || event.key === " ")) takeQuarter(cursor);
    else return;
    event.preventDefault();
  });

  const again = button("Shuffle again", mix);
  again.hidden = true;
  const puzzles = choice("Puzzle", [HIDE, SHUFFLE], puzzle, (chosen) => {
    puzzle = chosen;
    again.hidden = puzzle === HIDE;
    place.textContent = "";
    if (puzzle === SHUFFLE) mix();
    else update();
  });
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Drag the square over the digit: what is under it is hidden from the network. Or shuffle the quarters, and put them back by touching two that should change places."),
    puzzles,
    element("label", { class: "ae-tick" }, answers, "Show what the network answers, and the truth"),
    element("div", { class: "ae-row" },
      element("div", { class: "ae-wide", style: "max-width: 17rem" }, board.canvas,
        element("div", { class: "ae-row", style: "margin-top: 0.6em; gap: 0.5em" },
          button("Previous digit", () => turnTo(index - 1)), button("Next digit", () => turnTo(index + 1)), again), place),
      element("div", { class: "ae-wide" }, pictures, ...nodes)));
  board.canvas.classList.add("ae-pad");
  return { node, recolor(now) { colors = now; update(); } };
}

const buildFigure = (config, buffer) => {
  const parts = patchGame(config, buffer);
  return () => buildPatchGame(parts);
};
