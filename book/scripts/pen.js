// A drawing becomes an image. Each function has a twin of the same name, in Python's spelling, in
// mnistlab/playground/pen.py, with the same sums in the same order: a test compares their bytes.
//
// A drawing is a list of strokes, a stroke a list of points [x, y]; the unit is a pixel of the image.
"use strict";

const SIDE = 28, BOX = 20, MIDDLE = 14, RADIUS = 1.4, SAMPLES = 8;

function asDrawn(drawing) {
  return rasterise(drawing, 1, 0, 0);
}

// explained: recipe
function asMnist(drawing) {
  const points = drawing.flat();
  if (points.length === 0) {
    return new Uint8Array(SIDE * SIDE);
  }
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const [left, right] = reach(xs);
  const [top, bottom] = reach(ys);
  const longest =
    Math.max(right - left, bottom - top);
  const scale = BOX / longest;
  const edge = (SIDE - BOX) / 2 / scale;
  const image = rasterise(
    drawing, scale, left - edge, top - edge);
  const [row, column] = centreOfMass(image);
  return shifted(
    image, MIDDLE - row, MIDDLE - column);
}
// end

// From where to where the ink of a pen reaches, on one axis.
function reach(numbers) {
  let low = Infinity, high = -Infinity;
  for (const number of numbers) {
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  return [low - RADIUS, high + RADIUS];
}

function rasterise(drawing, scale, left, top) {
  const fine = new Uint8Array((SIDE * SAMPLES) ** 2);
  for (const stroke of drawing) {
    const points = stroke.map(([x, y]) => [(x - left) * scale, (y - top) * scale]);
    if (points.length === 1) points.push(points[0]);
    for (let i = 1; i < points.length; i++) {
      ink(fine, points[i - 1], points[i], RADIUS * scale);
    }
  }
  return darkness(fine);
}

// explained: ink
// marks what is near the line from a to b
function ink(fine, [ax, ay], [bx, by], radius) {
  const columns = between(ax, bx, radius);
  const rows = between(ay, by, radius);
  const dx = bx - ax, dy = by - ay;
  const length = dx * dx + dy * dy;
  for (let r = rows[0]; r < rows[1]; r++) {
    const y = (r + 0.5) / SAMPLES - ay;
    for (let c = columns[0]; c < columns[1]; c++) {
      const x = (c + 0.5) / SAMPLES - ax;
      const along = length > 0
        ? (x * dx + y * dy) / length : 0;
      const t = Math.min(Math.max(along, 0), 1);
      const awayX = x - t * dx, awayY = y - t * dy;
      const away = awayX * awayX + awayY * awayY;
      if (away <= radius * radius) {
        fine[r * SIDE * SAMPLES + c] = 1;
      }
    }
  }
}
// end

// The first sample point that may lie near the line, and the one after the last.
function between(a, b, radius) {
  const low = Math.floor((Math.min(a, b) - radius) * SAMPLES);
  const high = Math.ceil((Math.max(a, b) + radius) * SAMPLES) + 1;
  return [Math.max(low, 0), Math.min(high, SIDE * SAMPLES)];
}

// How much of each pixel is ink, from 0 to 255.
function darkness(fine) {
  const image = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      let inside = 0;
      for (let r = row * SAMPLES; r < (row + 1) * SAMPLES; r++) {
        const start = r * SIDE * SAMPLES + column * SAMPLES;
        for (let c = start; c < start + SAMPLES; c++) inside += fine[c];
      }
      image[row * SIDE + column] = Math.floor((255 * inside) / SAMPLES ** 2 + 0.5);
    }
  }
  return image;
}

// The row and the column that are nearest to the centre of mass; the middle where there is no ink.
function centreOfMass(image) {
  let mass = 0, down = 0, across = 0;
  image.forEach((pixel, i) => {
    mass += pixel;
    down += pixel * Math.floor(i / SIDE);
    across += pixel * (i % SIDE);
  });
  if (mass === 0) return [MIDDLE, MIDDLE];
  return [down, across].map((sum) => Math.floor((2 * sum + mass) / (2 * mass)));
}

function shifted(image, down, right) {
  const moved = new Uint8Array(SIDE * SIDE);
  image.forEach((pixel, i) => {
    const row = Math.floor(i / SIDE) + down;
    const column = (i % SIDE) + right;
    if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) moved[row * SIDE + column] = pixel;
  });
  return moved;
}
