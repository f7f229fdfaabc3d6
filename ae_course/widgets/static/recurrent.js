// A recurrent network, one character at a time, as the package's `step_weights` stores it.

function recurrentNetwork(config, buffer) {
  const { cell, slope, epsilon } = config;
  return { cell, slope, epsilon, inputGates: matrix(buffer, config.inputGates), recurrent: config.recurrent.map((part) => affine(buffer, part)),
    inputWeights: config.inputWeights.map((part) => affine(buffer, part)), scores: affine(buffer, config.scores) };
}

/** The gates of an LSTM and its candidate, H numbers each, from what comes in by the character and by h before. */
function lstmGates(inputs, back) {
  const n = inputs.length / 4;
  const part = (number, squash) => Float32Array.from({ length: n }, (_, i) => squash(inputs[number * n + i] + back[number * n + i]));
  return { input: part(0, sigmoid), forget: part(1, sigmoid), candidate: part(2, Math.tanh), output: part(3, sigmoid) };
}

// One step of each cell: from the gates' inputs, h and c before, and what h gives to the gates. PyTorch's order of the gates.
const CELLS = {
  gru: (inputs, [h, c], back) => {
    const n = h.length;
    return [h.map((before, i) => {
      const [reset, update] = [sigmoid(inputs[i] + back[i]), sigmoid(inputs[n + i] + back[n + i])];
      const fresh = Math.tanh(inputs[2 * n + i] + reset * back[2 * n + i]);
      return fresh + update * (before - fresh);
    }), c];
  },
  lstm: (inputs, [, c], back) => {
    const { input, forget, candidate, output } = lstmGates(inputs, back);
    const memory = c.map((before, i) => forget[i] * before + input[i] * candidate[i]);
    return [memory.map((value, i) => output[i] * Math.tanh(value)), memory];
  },
  rnn: (inputs, [, c], back) => [inputs.map((value, i) => Math.tanh(value + back[i])), c],
};

/** Scores of the next character after one more token, and the new state; no state means the beginning. */
function step({ cell, inputGates, recurrent, inputWeights, scores, slope, epsilon }, token, state) {
  let gates = inputGates.weight.subarray(token * inputGates.columns, (token + 1) * inputGates.columns);
  const after = [];
  recurrent.forEach((part, layer) => {
    const before = state ? state[layer] : [new Float32Array(part.columns), new Float32Array(part.columns)];
    const now = CELLS[cell](gates, before, multiply(part, before[0]));
    after.push(now);
    gates = multiply(inputWeights[layer], normalised(now[0], epsilon));
  });
  const x = gates.map((value) => (value > 0 ? value : slope * value));
  return [multiply(scores, normalised(x, epsilon)), after];
}

function read(network, tokens) {
  let [scores, state] = [null, null];
  for (const token of tokens) [scores, state] = step(network, token, state);
  return [scores, state];
}
