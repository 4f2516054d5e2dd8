// Layers as they stand in an exported JavaScript module: from a layer's config and parameters to a function of one row. A row is a list of
// numbers, that of a series a list of times, each a list of its columns. Numbers are computed in float64.
import { jsFeatureLayers } from "./js-feature-layers.ts";
import { jsSeriesLayers } from "./js-series-layers.ts";
import type { Pieces } from "./pieces.ts";

const addLists = `
/** The sum of two results of one shape. */
const add = (a, b) => (Array.isArray(a) ? a.map((part, i) => add(part, b[i])) : a + b);`;

const ensemble = `
/** The mean of what the members say. */
const ensemble = ({ layers }, params) => {
  const members = layers.map((layer, i) => build(layer, params[i]));
  const over = (y) => (Array.isArray(y) ? y.map(over) : y / members.length);
  return (x) => over(members.map((member) => member(x)).reduce(add));
};`;

const sequential = `
const sequential = ({ layers }, params) => {
  const steps = layers.map((layer, i) => build(layer, params[i]));
  return (x) => steps.reduce((h, step) => step(h), x);
};`;

const sum = `
const sum = ({ layers }, params) => {
  const parts = layers.map((layer, i) => build(layer, params[i]));
  return (x) => parts.map((part) => part(x)).reduce(add);
};`;

const residual = `
const residual = ({ layer }, params) => {
  const inner = build(layer, params);
  return (x) => add(x, inner(x));
};`;

/** Evaluators by the type of their layer, and what they share: here those of layers that hold others. */
export const jsLayers: Pieces = {
  ...jsFeatureLayers,
  ...jsSeriesLayers,
  add: { source: addLists },
  sequential: { source: sequential },
  residual: { source: residual, needs: ["add"] },
  ensemble: { source: ensemble, needs: ["add"] },
  sum: { source: sum, needs: ["add"] },
};
