// A digit as a page of words: choose a tile, give it another word, and the decoder draws the page anew.

function editATile(config, buffer) {
  const { labels, side, blank, words } = config;
  const layers = config.layers.map((layer) => (layer.op === "relu" ? layer : { ...layer, ...affine(buffer, layer) }));
  const flat = take(buffer, config.codebook);
  const tiles = picturesOf(buffer, config.tiles);
  const dim = flat.length / tiles.length;
  const codebook = tiles.map((_, i) => flat.subarray(i * dim, (i + 1) * dim));
  return { labels, side, blank, words, layers, codebook, tiles, pictures: picturesOf(buffer, config.pictures) };
}

/** The maps of a convolution: each place gathers its window of the maps before. Maps lie one after the other. */
function gathered({ weight, bias, rows, inside, size, padding }, x, side) {
  const wide = side + 2 * padding - size + 1;
  const y = new Float32Array(rows * wide * wide);
  for (let out = 0; out < rows; out++) {
    const map = y.subarray(out * wide * wide, (out + 1) * wide * wide).fill(bias[out]);
    for (let from = 0; from < inside; from++)
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) {
          const w = weight[((out * inside + from) * size + i) * size + j];
          for (let row = Math.max(0, padding - i); row < Math.min(wide, side + padding - i); row++) {
            const start = (from * side + row + i - padding) * side + j - padding;
            for (let column = Math.max(0, padding - j); column < Math.min(wide, side + padding - j); column++) map[row * wide + column] += w * x[start + column];
          }
        }
  }
  return [y, wide];
}

/** The maps of a transposed convolution: each place spreads its window over the maps that follow. */
function spread({ weight, bias, rows, inside, size, stride, padding }, x, side) {
  const wide = (side - 1) * stride - 2 * padding + size;
  const y = new Float32Array(rows * wide * wide);
  for (let out = 0; out < rows; out++) {
    const map = y.subarray(out * wide * wide, (out + 1) * wide * wide).fill(bias[out]);
    for (let from = 0; from < inside; from++)
      for (let row = 0; row < side; row++)
        for (let column = 0; column < side; column++) {
          const value = x[(from * side + row) * side + column];
          if (!value) continue; // behind a ReLU many are zero
          const [top, left] = [row * stride - padding, column * stride - padding];
          for (let i = Math.max(0, -top); i < Math.min(size, wide - top); i++)
            for (let j = Math.max(0, -left); j < Math.min(size, wide - left); j++)
              map[(top + i) * wide + left + j] += value * weight[((out * inside + from) * size + i) * size + j];
        }
  }
  return [y, wide];
}

/** What the decoder draws of a page of words. */
function decoded({ layers, codebook, side }, words) {
  const dim = codebook[0].length;
  let x = new Float32Array(dim * words.length);
  words.forEach((word, place) => { for (let d = 0; d < dim; d++) x[d * words.length + place] = codebook[word][d]; });
  let wide = side;
  for (const layer of layers) {
    if (layer.op === "relu") x = x.map((value) => (value > 0 ? value : 0));
    else [x, wide] = (layer.op === "spread" ? spread : gathered)(layer, x, wide);
  }
  return x;
}

function buildEditATile(parts) {
  const { labels, side, blank, words, codebook, tiles, pictures } = parts;
  const COLUMNS = Math.min(8, codebook.length);
  const ROWS = Math.ceil(codebook.length / COLUMNS);
  const small = Math.round(Math.sqrt(tiles[0].length));
  let [colors, digit, page, place] = [LIGHT, 0, [...words[0]], (side * side) >> 1];
  const [target, result] = ["Test digit", "Drawn"].map(picture);
  const { nodes, say } = sentence();
  const accent = () => (colors.dark ? "#6cc4ee" : "#0b6e99");
  const tint = () => (colors.dark ? "#26404c" : "#cfe4ee");
  const dark = tiles.map((pixels) => pixels.reduce((a, b) => a + b, 0) / pixels.length > 0.45);
  let looks = [];
  function bake() { // each tile once, not at each change
    looks = tiles.map((pixels) => {
      const canvas = element("canvas");
      paint(canvas, pixels, colors);
      return canvas;
    });
  }

  /** One tile: what its word draws, its number, and a ring if it is chosen or changed. */
  function tile(context, word, left, top, cell, ring, number) {
    context.imageSmoothingEnabled = false;
    context.drawImage(looks[word], 0, 0, small, small, left, top, cell, cell);
    if (number) {
      context.fillStyle = dark[word] !== colors.dark ? "#fff" : "#000";
      context.font = `600 ${Math.round(cell * 0.4)}px system-ui, sans-serif`;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(String(word), left + cell / 2, top + cell / 2 + 1);
    }
    context.strokeStyle = ring || tint();
    context.lineWidth = ring ? 3 : 1;
    const inset = ring ? 1.5 : 0.5;
    context.strokeRect(left + inset, top + inset, cell - 2 * inset, cell - 2 * inset);
  }
  const sheet = plot({ class: "ae-plane", tabindex: 0, role: "slider", "aria-label": "Place on the page", "aria-roledescription": "two-dimensional slider",
    "aria-description": "Arrow keys move to another tile", "aria-valuemin": 1, "aria-valuemax": side * side, "aria-valuenow": 1 }, (context, w) => {
    const cell = w / side;
    page.forEach((word, at) => { if (at !== place) tile(context, word, (at % side) * cell, ((at / side) | 0) * cell, cell, word !== words[digit][at] && (colors.dark ? "#ff9c8f" : "#a3261b"), true); });
    tile(context, page[place], (place % side) * cell, ((place / side) | 0) * cell, cell, accent(), true);
  });
  const shelf = plot({ class: "ae-plane", style: `aspect-ratio: ${COLUMNS} / ${ROWS}`, tabindex: 0, role: "slider", "aria-label": "Word of the chosen tile", "aria-roledescription": "two-dimensional slider",
    "aria-description": "Arrow keys choose another word", "aria-valuemin": 0, "aria-valuemax": codebook.length - 1, "aria-valuenow": 0 }, (context, w) => {
    const cell = w / COLUMNS;
    const at = (word) => [(word % COLUMNS) * cell, ((word / COLUMNS) | 0) * cell];
    codebook.forEach((_, word) => { if (word !== page[place]) tile(context, word, ...at(word), cell, null, true); });
    tile(context, page[place], ...at(page[place]), cell, accent(), true);
  });

  const own = labels.map(() => null); // errors, once they are needed
  const ownError = () => (own[digit] ??= meanSquaredError(decoded(parts, words[digit]), pictures[digit]));

  function tell() {
    const [row, column] = [((place / side) | 0) + 1, (place % side) + 1];
    const [word, first] = [page[place], words[digit][place]];
    const drawn = decoded(parts, page);
    const error = meanSquaredError(drawn, pictures[digit]);
    const changed = page.filter((one, at) => one !== words[digit][at]).length;
    const what = withArticle(labels[digit]);
    target.show(colors, pictures[digit], `The test digit, ${what}`);
    result.show(colors, drawn, `Drawn: error ${error.toFixed(4)}`, `What is drawn from the ${page.length} words, mean squared error ${error.toFixed(4)}`);
    const here = word === first ? `word ${word}` : `word ${word} in place of ${first}`;
    const text = `Row ${row}, column ${column}: ${here}. ${changed} of ${page.length} words changed. Error ${error.toFixed(4)}${changed ? `; with its own words ${ownError().toFixed(4)}` : ""}.`;
    say(text);
    sheet.canvas.setAttribute("aria-valuenow", place + 1);
    sheet.canvas.setAttribute("aria-valuetext", `Row ${row}, column ${column}, ${here}`);
    shelf.canvas.setAttribute("aria-valuenow", word);
    shelf.canvas.setAttribute("aria-valuetext", `Word ${word}`);
    sheet.redraw();
    shelf.redraw();
  }
  const go = (to) => { place = to; tell(); };
  const put = (word) => { page[place] = word; tell(); };

  /** Keys and pointer on a canvas of so many tiles. */
  function grid(canvas, columns, rows, count, now, act) {
    const within = (value, most) => Math.min(most - 1, Math.max(0, Math.floor(value)));
    const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || !MOVES[event.key]) return;
      const [down, across] = MOVES[event.key];
      const to = within(((now() / columns) | 0) + down, rows) * columns + within((now() % columns) + across, columns);
      if (to < count) act(to);
      event.preventDefault();
    });
    follow(canvas, {
      down: () => {},
      move: () => {},
      up: ([x, y], kept) => { // a finger that scrolls the page is taken away, and chooses nothing
        const to = within(y * rows, rows) * columns + within(x * columns, columns);
        if (kept && x >= 0 && x <= 1 && y >= 0 && y <= 1 && to < count) act(to);
      },
    });
  }
  grid(sheet.canvas, side, side, side * side, () => place, go);
  grid(shelf.canvas, COLUMNS, ROWS, codebook.length, () => page[place], put);

  const turn = (by) => () => {
    digit = (digit + by + labels.length) % labels.length;
    page = [...words[digit]];
    tell();
  };
  const fill = (from) => () => {
    page = [...from()];
    tell();
  };
  const panel = (canvas, caption) => element("figure", { class: "ae-wide", style: "flex: 1 1 15rem; max-width: 22rem; margin: 0; padding: 0" }, canvas, element("figcaption", {}, caption));
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Choose a tile of the page, by a click or with the arrow keys. Then choose another word for it on the shelf. The picture is drawn anew at once. A tile shows what is drawn where its word stands, on average. Tiles that you changed have a red rim."),
    element("div", { class: "ae-pictures" }, target.node, result.node), ...nodes,
    element("div", { class: "ae-row", style: "margin-top: 0.6em" }, panel(sheet.canvas, `The page of ${side} × ${side} words`), panel(shelf.canvas, `The shelf of ${codebook.length} words`)),
    element("div", { class: "ae-row", style: "margin-top: 0.7em" }, button("Its own words", fill(() => words[digit])), button("Empty page", fill(() => page.map(() => blank))),
      button("Previous digit", turn(-1)), button("Next digit", turn(1))));
  bake();
  tell();
  return {
    node,
    recolor(now) {
      colors = now;
      bake();
      tell();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = editATile(config, buffer);
  return () => buildEditATile(parts);
};
