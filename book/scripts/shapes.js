// The arithmetic of the shape explorer: sizes, parameters, products, receptive fields and PyTorch's
// words for them. Tests compare every function with mnistlab.output_size, mnistlab.trace_shapes and
// PyTorch itself over a grid of settings.
//
// A layer is { kind, channels, kernel, stride, padding, dilation }; kind is "conv", "max" or "avg",
// channels are those of a convolution's output, and padding is a number or "same".
"use strict";

const KINDS = {
  conv: { torch: "nn.Conv2d", name: "convolution" },
  max: { torch: "nn.MaxPool2d", name: "max-pooling" },
  avg: { torch: "nn.AvgPool2d", name: "average pooling" },
};

// explained: side
// Length of one side of a layer's output, and
// how many columns at the end no kernel reaches.
function slide(side, layer) {
  const { kernel, stride, dilation } = layer;
  const extent = dilation * (kernel - 1) + 1;
  const added = layer.padding === "same"
    ? extent - 1 : 2 * layer.padding;
  const room = side + added - extent;
  const positions = Math.floor(room / stride) + 1;
  return { extent, added, room, positions,
    rest: room % stride };
}
// end

// What PyTorch would refuse, in words; an empty text if nothing.
function refusal(side, layer) {
  const { kind, kernel, stride, padding } = layer;
  const { extent, added, room } = slide(side, layer);
  if (padding === "same" && kind !== "conv") {
    return 'Only a convolution takes padding="same": give the number of pixels.';
  }
  if (padding === "same" && stride > 1) {
    return 'padding="same" keeps the size, so PyTorch takes it with stride 1 only.';
  }
  if (kind !== "conv" && 2 * padding > kernel) {
    return `Padding ${padding} is more than half of the kernel's ${kernel}, so a window could hold ` +
      "nothing but padding. Use less padding or a larger kernel.";
  }
  if (room < 0) {
    return `The kernel covers ${extent} pixels, and the padded input has ${side + added}. ` +
      "Use a smaller kernel or dilation, or more padding.";
  }
  return "";
}

// What comes out of a layer for { channels, side, field, step }: field is how many pixels of the
// image one number sees along a side, step how many pixels lie between neighbours' fields.
function through(input, layer) {
  const refused = refusal(input.side, layer);
  if (refused) return { refused };
  const slid = slide(input.side, layer);
  const convolves = layer.kind === "conv";
  const channels = convolves ? layer.channels : input.channels;
  const weights = convolves ? input.channels * layer.kernel ** 2 : 0;
  const numbers = channels * slid.positions ** 2;
  return {
    ...slid,
    channels,
    side: slid.positions,
    field: input.field + (slid.extent - 1) * input.step,
    step: input.step * layer.stride,
    parameters: convolves ? (weights + 1) * channels : 0,
    products: numbers * weights,
  };
}

// Every layer's result, until one is refused; after that null.
function traced(input, layers) {
  let now = { ...input, field: 1, step: 1 };
  return layers.map((layer) => {
    if (!now || now.refused) return null;
    now = through(now, layer);
    return now;
  });
}

// ----- in words and in PyTorch

function torchLine(input, layer) {
  const { kind, kernel, stride, padding, dilation } = layer;
  const first = kind === "conv" ? [input.channels, layer.channels, kernel] : [kernel];
  const options = [];
  if (stride !== (kind === "conv" ? 1 : kernel)) options.push(`stride=${stride}`);
  if (padding !== 0) options.push(`padding=${padding === "same" ? '"same"' : padding}`);
  if (dilation !== 1 && kind !== "avg") options.push(`dilation=${dilation}`);
  return `${KINDS[kind].torch}(${[...first, ...options].join(", ")})`;
}

function formula(side, layer) {
  const { extent, added, room, positions } = slide(side, layer);
  const padding = layer.padding === "same" ? `${added}` : `2·${layer.padding}`;
  const covered = `${layer.dilation}·(${layer.kernel} − 1) − 1`;
  const inside = `${side} + ${padding} − ${covered}`;
  return `⌊(${inside}) / ${layer.stride}⌋ + 1 = ⌊${room} / ${layer.stride}⌋ + 1 = ${positions}`;
}

// For each cell of a row, padding and pixels, whether the kernel sees it at some position: 1 or 0.
function seenCells(side, layer) {
  const { added, positions } = slide(side, layer);
  const seen = new Uint8Array(side + added);
  for (let k = 0; k < layer.kernel; k++) {
    for (let position = 0; position < positions; position++) {
      seen[position * layer.stride + k * layer.dilation] = 1;
    }
  }
  return seen;
}

// What no position of the kernel sees, in words; an empty text if nothing.
function unseen(side, layer) {
  const { rest, added } = slide(side, layer);
  const start = Math.floor(added / 2);
  const pixels = seenCells(side, layer).subarray(start, start + side);
  const missed = pixels.filter((seen) => !seen).length;
  if (missed === 0) return rest === 0 ? "" : "The floor leaves out padding only.";
  const rows = "never seen, nor are as many rows.";
  if (pixels.lastIndexOf(1) + 1 === side - missed) { // all at the end
    return `The last ${missed === 1 ? "column is" : `${missed} columns are`} ${rows}`;
  }
  const columns = `${missed} of ${side} columns ${missed === 1 ? "is" : "are"}`;
  return `The steps leave gaps: ${columns} ${rows}`;
}

// PyTorch's error for a batch whose images have `arriving` numbers where `expected` were announced.
function misfit(images, arriving, expected, outputs) {
  return "RuntimeError: mat1 and mat2 shapes cannot be multiplied " +
    `(${images}x${arriving} and ${expected}x${outputs})`;
}

function program(input, layers, results, linear) {
  const lines = [];
  let now = input;
  layers.forEach((layer, i) => {
    lines.push(`    ${torchLine(now, layer)},`);
    now = results[i];
  });
  lines.push("    nn.Flatten(),", `    nn.Linear(${linear.inputs}, ${linear.outputs}),`);
  return `network = nn.Sequential(\n${lines.join("\n")}\n)`;
}

// ----- the address: #1x28,c32k5p2,m2,c64k5p2,m2,l3136x10

function toFragment({ input, layers, linear }) {
  const parts = layers.map((layer) => {
    const { kind, kernel, stride, padding, dilation } = layer;
    const usual = kind === "conv" ? 1 : kernel;
    return (kind === "conv" ? `c${layer.channels}k${kernel}` : `${kind[0]}${kernel}`) +
      (stride === usual ? "" : `s${stride}`) +
      (padding === 0 ? "" : `p${padding}`) +
      (dilation === 1 ? "" : `d${dilation}`);
  });
  const last = `l${linear.inputs}x${linear.outputs}`;
  return [`${input.channels}x${input.side}`, ...parts, last].join(",");
}

// The state that a fragment describes, or null if it describes none.
function fromFragment(text) {
  const parts = text.replace(/^#/, "").split(",");
  const input = /^(\d{1,4})x(\d{1,4})$/.exec(parts.shift());
  const last = /^l(\d{1,9})x(\d{1,9})$/.exec(parts.pop() ?? "");
  const layers = parts.map(layerOf);
  if (!input || !last || layers.includes(null)) return null;
  const state = {
    input: { channels: Number(input[1]), side: Number(input[2]) },
    layers,
    linear: { inputs: Number(last[1]), outputs: Number(last[2]) },
  };
  const sizes = [...Object.values(state.input), ...Object.values(state.linear)];
  return sizes.every((size) => size >= 1) ? state : null;
}

function layerOf(text) {
  const found = /^(?:c(\d{1,4})k|([ma]))(\d{1,4})(?:s(\d{1,4}))?(?:p(\d{1,4}|same))?(?:d(\d{1,4}))?$/
    .exec(text);
  if (!found) return null;
  const kind = found[1] ? "conv" : { m: "max", a: "avg" }[found[2]];
  const kernel = Number(found[3]);
  const layer = {
    kind,
    channels: Number(found[1] ?? 1),
    kernel,
    stride: Number(found[4] ?? (kind === "conv" ? 1 : kernel)),
    padding: found[5] === "same" ? "same" : Number(found[5] ?? 0),
    dilation: Number(found[6] ?? 1),
  };
  const least = [layer.channels, layer.kernel, layer.stride, layer.dilation];
  return least.every((size) => size >= 1) && !(kind === "avg" && layer.dilation > 1) ? layer : null;
}

// ----- a drawing that the explorer and the sliders of chapter 3 share

const MOST_CELLS = 64; // a longer side is not drawn cell by cell

function svg(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
}

// One row of the padded input, with the first and the last position of the kernel.
function strip(side, layer, { extent, added, positions }) {
  const total = side + added;
  if (total > MOST_CELLS) return null;
  const start = Math.floor(added / 2), cell = 10;
  const seen = seenCells(side, layer), missed = seen.filter((one) => !one).length;
  const drawing = svg("svg", {
    class: "ex-strip", viewBox: `0 0 ${total * cell} 34`, role: "img",
    style: `max-width: ${total * cell}px`,
    "aria-label": `One row of ${side} pixels${added ? ` and ${added} of padding` : ""}; ` +
      `the kernel covers ${extent} and has ${positions} positions` +
      `${missed ? `; ${missed} of these squares no position covers` : ""}`,
  });
  for (let i = 0; i < total; i++) {
    const kinds = [i < start || i >= start + side ? "ex-padding" : "ex-pixel"];
    if (!seen[i]) kinds.push("ex-left");
    drawing.append(svg("rect", {
      class: kinds.join(" "), x: i * cell + 1, y: 12, width: cell - 2, height: cell - 2,
    }));
    if (!seen[i]) drawing.append(svg("path", {
      class: "ex-cross", d: `M${i * cell + 2} 13l6 6m0 -6l-6 6`,
    }));
  }
  for (let k = 0; k < layer.kernel; k++) {
    for (const [y, position] of [[0, 0], [24, positions - 1]]) {
      const x = (position * layer.stride + k * layer.dilation) * cell + 1;
      drawing.append(svg("rect", { class: "ex-kernel", x, y, width: cell - 2, height: cell - 2 }));
    }
  }
  return drawing;
}
