// A network that writes, one character at a time.

function textWriter(config, buffer) {
  return { characters: Array.from(config.characters), prompt: config.prompt, network: recurrentNetwork(config, buffer) };
}

function buildTextWriter({ characters, prompt, network }) {
  const LENGTH = 300;
  const typed = element("textarea", { rows: 2, style: "width: 100%; font-family: ui-monospace, monospace", spellcheck: "false", autocapitalize: "off", "aria-label": "Beginning of the text" }, prompt);
  const complaint = element("p", { class: "ae-error", role: "alert", style: "margin: 0" });
  const text = element("div", { class: "ae-text", tabindex: 0, role: "group", "aria-label": "The text so far" });
  const list = element("ol", { class: "ae-bars", "aria-label": "The likeliest next characters" });
  const say = element("p", { class: "ae-say", role: "status" });
  let [beginning, written, scores, state, random, left] = ["", [], null, null, null, 0];

  const temperature = dial("Temperature", { min: 0, max: 3, step: 0.05, value: 0.8, limits: [0, 100], onchange: showBars });
  const topK = dial("Top-k, 0 is off", { min: 0, max: characters.length, step: 1, value: 0, whole: true, empty: 0, onchange: showBars });
  const topP = dial("Top-p, 1 is off", { min: 0.05, max: 1, step: 0.05, value: 1, limits: [0.001, 1], empty: 1, onchange: showBars });
  const seed = dial("Seed", { min: 0, max: 99, step: 1, value: 0, limits: [0, 4294967295], whole: true, onchange: restart });

  const choose = () => probabilities(scores, { temperature: temperature.value, topK: topK.value, topP: topP.value });

  function restart() {
    write.stop();
    const [asked, refused] = readable(typed.value, characters);
    complaint.textContent = refused;
    typed.setAttribute("aria-invalid", String(Boolean(complaint.textContent)));
    for (const one of [write.main, single]) one.disabled = Boolean(complaint.textContent);
    if (complaint.textContent) return; // the text so far stays
    [beginning, written] = [asked, []];
    [scores, state] = read(network, Array.from(asked, (character) => characters.indexOf(character)));
    random = generator(seed.value);
    showText();
    showBars();
    say.textContent = "";
  }

  function showText() {
    text.replaceChildren(element("b", {}, beginning), written.join(""));
    text.scrollTop = text.scrollHeight;
  }

  function showBars() {
    if (!scores) return;
    const [shares, whole] = [choose(), softmax(scores, temperature.value)];
    const order = Array.from(shares.keys()).sort((a, b) => scores[b] - scores[a]).slice(0, 12);
    list.replaceChildren(...bars(order.map((i) => ({ name: visible(characters[i]), spoken: spoken(characters[i]), share: shares[i] || whole[i], cut: !shares[i] && whole[i] > 0 }))));
  }

  /** Draw one character, and read it. */
  function advance() {
    const chosen = draw(choose(), random);
    written.push(characters[chosen]);
    [scores, state] = step(network, chosen, state);
    return chosen;
  }

  const write = player({
    names: [`Write ${LENGTH} characters`, "Stop"],
    begin: () => { left = LENGTH; },
    advance: () => {
      const count = stillness() ? left : Math.min(left, 2); // all at once where motion is not wanted
      for (let i = 0; i < count; i++) advance();
      left -= count;
    },
    show: () => { showText(); showBars(); },
    more: () => left > 0,
    rest: () => { say.textContent = left ? "Stopped." : `${LENGTH} characters written.`; },
  });
  const single = button("One character", () => {
    write.stop();
    const shares = choose();
    const chosen = advance();
    showText();
    showBars();
    say.textContent = `Chosen: ${spoken(characters[chosen]) || characters[chosen]}, with a probability of ${percent(shares[chosen])}. The bars show what may come next.`;
  });

  typed.addEventListener("input", restart);
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Type a beginning, and let the network go on. ¶ is a new line, ␣ a space. Grey bars are cut: they are never drawn."),
    typed, complaint,
    temperature.node, topK.node, topP.node, seed.node,
    element("div", { class: "ae-row", style: "margin: 0.4em 0 0.7em" }, write.main, single, button("Start again", restart),
      button("Another seed", () => seed.set((seed.value + 1) % 4294967296))),
    element("div", { class: "ae-row" }, element("div", { class: "ae-wide" }, text, say), element("div", { class: "ae-wide", style: "max-width: 20rem" }, list)));
  restart();
  return { node, recolor() {} };
}

const buildFigure = (config, buffer) => {
  const parts = textWriter(config, buffer);
  return () => buildTextWriter(parts);
};
