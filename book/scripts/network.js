// The two networks at work, in plain JavaScript: the page "The playground" explains this file.
//
// What goes from layer to layer is { values, channels, side }: channels × side × side numbers in one
// Float32Array, map after map and row after row. mnistlab.playground.packing writes the layers.
"use strict";

// explained: sums
// weight: outputs × inputs numbers, row after row
function weightedSums(layer, inputs) {
  const { weight, bias } = layer;
  const n = inputs.length;
  const sums = Float32Array.from(bias);
  for (let q = 0; q < sums.length; q += 4) {
    // four outputs at a time: quicker than one
    let a = 0, b = 0, c = 0, d = 0;
    const row = q * n;
    for (let i = 0; i < n; i++) {
      const x = inputs[i];
      a += weight[row + i] * x;
      b += weight[row + n + i] * x;
      c += weight[row + 2 * n + i] * x;
      d += weight[row + 3 * n + i] * x;
    }
    sums[q] += a;
    sums[q + 1] += b;
    sums[q + 2] += c;
    sums[q + 3] += d;
  }
  return sums.subarray(0, layer.outputs);
}
// end

// explained: convolution
function convolution(x, layer) {
  const { kernel, outputs } = layer;
  const wide = padded(x, layer.padding);
  const side = wide.side - kernel + 1;
  const values =
    new Float32Array(outputs * side * side);
  for (let row = 0; row < side; row++) {
    for (let col = 0; col < side; col++) {
      const patch = cut(wide, row, col, kernel);
      const sums = weightedSums(layer, patch);
      const position = row * side + col;
      for (let q = 0; q < outputs; q++) {
        values[q * side * side + position] = sums[q];
      }
    }
  }
  return { values, channels: outputs, side };
}
// end

// explained: patch
// the square under the kernel, in every channel
function cut(x, row, col, kernel) {
  const { values, channels, side } = x;
  const patch =
    new Float32Array(channels * kernel * kernel);
  let i = 0;
  for (let c = 0; c < channels; c++) {
    for (let r = row; r < row + kernel; r++) {
      const start = (c * side + r) * side + col;
      for (let k = 0; k < kernel; k++) {
        patch[i++] = values[start + k];
      }
    }
  }
  return patch;
}
// end

// Zeros around every map.
function padded(x, padding) {
  const side = x.side + 2 * padding;
  const values = new Float32Array(x.channels * side * side);
  for (let c = 0; c < x.channels; c++) {
    for (let r = 0; r < x.side; r++) {
      const from = (c * x.side + r) * x.side;
      const to = (c * side + r + padding) * side + padding;
      values.set(x.values.subarray(from, from + x.side), to);
    }
  }
  return { values, channels: x.channels, side };
}

// explained: pooling
function maxPooling(x, layer) {
  const { size } = layer;
  const side = Math.floor(x.side / size);
  const values =
    new Float32Array(x.channels * side * side);
  values.fill(-Infinity);
  for (let c = 0; c < x.channels; c++) {
    for (let r = 0; r < side * size; r++) {
      for (let k = 0; k < side * size; k++) {
        const from = (c * x.side + r) * x.side + k;
        const row = c * side + Math.floor(r / size);
        const to = row * side + Math.floor(k / size);
        values[to] =
          Math.max(values[to], x.values[from]);
      }
    }
  }
  return { values, channels: x.channels, side };
}
// end

// explained: layers
const LAYERS = {
  Conv2d: convolution,
  MaxPool2d: maxPooling,
  Tanh: (x) =>
    ({ ...x, values: x.values.map(Math.tanh) }),
  Flatten: (x) =>
    ({ ...x, channels: x.values.length, side: 1 }),
  Linear: (x, layer) => ({
    values: weightedSums(layer, x.values),
    channels: layer.outputs,
    side: 1,
  }),
};

// pixels: 784 whole numbers, 0 to 255
function answer(layers, pixels) {
  const values = Float32Array.from(
    pixels, (pixel) => pixel / 255);
  let x = { values, channels: 1, side: 28 };
  const stages = [x];
  for (const layer of layers) {
    x = LAYERS[layer.kind](x, layer);
    stages.push(x);
  }
  return { logits: x.values, stages };
}
// end

// explained: shuffle
// permutation: where each pixel comes from
function permuted(pixels, permutation) {
  return Uint8Array.from(
    permutation, (from) => pixels[from]);
}
// end

// explained: softmax
function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = Array.from(
    logits, (z) => Math.exp(z - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
// end

// ----- from text to numbers

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function singles(text) {
  const view = new DataView(bytesOf(text).buffer);
  return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function wholes(text) {
  const view = new DataView(bytesOf(text).buffer);
  return Float32Array.from({ length: view.byteLength / 2 }, (_, i) => view.getInt16(2 * i, true));
}

// A layer with its numbers; zeros fill up its outputs to a multiple of four, for weightedSums.
function unpacked(layer) {
  if (!("weight" in layer)) return layer;
  const { inputs, outputs } = layer;
  const rows = 4 * Math.ceil(outputs / 4);
  const unit = singles(layer.unit);
  const weight = new Float32Array(rows * inputs);
  weight.set(wholes(layer.weight).map((whole, i) => whole * unit[Math.floor(i / inputs)]));
  const bias = new Float32Array(rows);
  bias.set(singles(layer.bias));
  return { ...layer, weight, bias };
}
