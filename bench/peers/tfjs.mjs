// The benchmark's TensorFlow.js process: JSON lines in, JSON lines out, as in pytorch.py. JavaScript, for the types of its packages are
// there only after `npm ci --prefix bench/peers`.
import { createInterface } from "node:readline";
import wasm from "@tensorflow/tfjs-backend-wasm";
import tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers"; // registers the gradients of all operations, for which tfjs-core has no entry point in Node

const WARM_UP_MS = 300;

/** A trained tensor of normal numbers. */
const normal = (shape, scale = 1) => tf.variable(tf.randomNormal(shape, 0, scale));

/** Σ_k w_k exp(−½ Σ_j (p_kj·x − o_kj)²) + b. To add the r blocks beats a sum over an axis. */
function gmnm(inFeatures, outFeatures, components, rank, explicitCenters) {
  const projections = normal([inFeatures, rank * components], inFeatures ** -0.5);
  const centers = explicitCenters ? normal([components, inFeatures]) : undefined;
  const offsets = explicitCenters ? undefined : normal([rank * components]);
  const weights = normal([components, outFeatures], components ** -0.5);
  const bias = tf.variable(tf.zeros([outFeatures]));
  const shift = () => {
    if (!centers) return offsets;
    const blocks = tf.reshape(projections, [inFeatures, rank, components]);
    const shifts = tf.mul(blocks, tf.reshape(tf.transpose(centers), [inFeatures, 1, components]));
    return tf.reshape(tf.sum(shifts, 0), [rank * components]);
  };
  return (x) => {
    const y = tf.sub(tf.matMul(x, projections), shift()); // (batch, rank·components)
    const squares = tf.addN(tf.split(tf.square(y), rank, 1)); // (batch, components)
    return tf.add(tf.matMul(tf.exp(tf.mul(squares, -0.5)), weights), bias);
  };
}

function reluMlp(...sizes) {
  const layers = sizes.slice(1).map((width, i) => ({
    weights: normal([sizes[i], width], Math.sqrt(2 / sizes[i])),
    bias: tf.variable(tf.zeros([width])),
  }));
  return (x) =>
    layers.reduce((h, { weights, bias }, i) => {
      const activation = i < layers.length - 1 ? "relu" : "linear";
      return tf.fused.matMul({ a: h, b: weights, bias, activation });
    }, x);
}

/** A function that returns the loss. */
const regression = (model, rows, ins, outs) => {
  const [x, y] = [tf.randomUniform([rows, ins], -1, 1), tf.randomNormal([rows, outs])];
  return () => tf.losses.meanSquaredError(y, model(x));
};
const classification = (model, rows, ins) => {
  const x = tf.randomNormal([rows, ins]);
  const y = tf.cast(tf.oneHot(tf.randomUniform([rows], 0, 10, "int32"), 10), "float32");
  return () => tf.losses.softmaxCrossEntropy(y, model(x));
};

const CASES = {
  "gmnm-large": () => regression(gmnm(64, 64, 256, 4, false), 1024, 64, 64),
  "gmnm-small": () => regression(gmnm(2, 1, 64, 2, true), 256, 2, 1),
  "gmnm-10k": () => regression(gmnm(2, 1, 64, 2, true), 10_000, 2, 1),
  "relu-mlp": () => classification(reluMlp(64, 256, 256, 10), 256, 64),
  mlp: () => classification(reluMlp(784, 256, 128, 10), 128, 784),
};

/** One training step of a case, as a function that returns the loss. */
function training(name) {
  const registered = new Set(Object.keys(tf.engine().state.registeredVariables));
  const lossOf = CASES[name]();
  const variables = Object.entries(tf.engine().state.registeredVariables).flatMap(([key, variable]) =>
    registered.has(key) ? [] : [variable],
  );
  const optimizer = tf.train.adam(1e-3);
  const step = async () => {
    const loss = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(lossOf, variables);
      optimizer.applyGradients(grads);
      return value;
    });
    const [value] = await loss.data();
    loss.dispose();
    return value;
  };
  return { step, parameters: variables.reduce((sum, { size }) => sum + size, 0) };
}

const steps = new Map();

async function answer({ prepare, case: name, steps: count }) {
  if (prepare) {
    const { step, parameters } = training(prepare);
    steps.set(prepare, step);
    const began = performance.now();
    for (let taken = 0; taken < 3 || performance.now() - began < WARM_UP_MS; taken++) await step();
    return { parameters };
  }
  const step = steps.get(name);
  const began = performance.now();
  for (let taken = 0; taken < count; taken++) await step();
  return { ms: performance.now() - began };
}

const send = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

await tf.setBackend("wasm");
await tf.ready();
const backend = wasm.version_wasm;
send({ cases: Object.keys(CASES), versions: { "tfjs-backend-wasm": backend }, threads: wasm.getThreadsCount?.() ?? 1 });
for await (const line of createInterface({ input: process.stdin })) {
  send(await answer(JSON.parse(line)).catch((error) => ({ error: error.message })));
}
