// Where the axes of a primitive's operands go.
import type { Equation } from "../jaxpr.ts";

/** Where an axis of an operand goes: an axis of the result, or a sum. Where it is `mixed`, rows do not stay apart. */
export type Route = { readonly to?: number; readonly mixed?: boolean };
type Router = (equation: Equation, shapes: readonly (readonly number[])[]) => Route[][] | undefined;

const SUMMED: Route = {};
const GONE: Route = { mixed: true };
export const axesOf = (shape: readonly number[]): number[] => [...shape.keys()];

/** Operands aligned at the right, as NumPy broadcasts. */
function aligned(_: Equation, shapes: readonly (readonly number[])[]): Route[][] {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return shapes.map((shape) => axesOf(shape).map((axis) => ({ to: axis + rank - shape.length })));
}

/** Axes stay what they are, but some are mixed. */
const kept =
  (isMixed: (axis: number, equation: Equation, shape: readonly number[]) => boolean): Router =>
  (equation, shapes) =>
    shapes.map((shape) => axesOf(shape).map((axis) => ({ to: axis, mixed: isMixed(axis, equation, shape) })));

/** By primitive; whatever is not here, rows do not pass. */
const ROUTERS: Record<string, Router> = {
  reduce: ({ params }, [shape]) => {
    const gone = params.axis as number[];
    const route = (axis: number): Route => {
      if (gone.includes(axis)) return params.op === "Add" ? SUMMED : GONE;
      return { to: axis - gone.filter((other) => other < axis).length };
    };
    return [axesOf(shape).map(route)];
  },
  dot: (equation, shapes) =>
    aligned(equation, shapes).map((routes) => routes.map((route, i) => (i === routes.length - 1 ? SUMMED : route))),
  conv: ({ params }, shapes) => {
    if (params.vmapDims > 0) return undefined;
    const [image, kernel] = shapes.map((shape) => axesOf(shape).slice(2));
    return [
      [{ to: 0 }, SUMMED, ...image.map((to) => ({ to, mixed: true }))],
      [{ to: 1 }, SUMMED, ...kernel.map((to) => ({ to, mixed: true }))],
    ];
  },
  transpose: ({ params }, [shape]) => [axesOf(shape).map((axis) => ({ to: params.perm.indexOf(axis) }))],
  broadcast: ({ params }) => {
    const old = axesOf(params.shape).filter((axis) => !params.axis.includes(axis));
    return [old.map((to) => ({ to }))];
  },
  shrink: kept((axis, { params }, shape) => params.slice[axis][1] - params.slice[axis][0] !== shape[axis]),
  pad: kept((axis, { params }) => params.width[axis].some((zeros: number) => zeros > 0)),
  flip: kept((axis, { params }) => params.axis.includes(axis)),
  concatenate: kept((axis, { params }) => axis === params.axis),
  split: kept((axis, { params }) => axis === params.axis),
  gather: ({ params }, [shape, index]) => {
    const [taken, lead] = [params.axis[0], index.length];
    const behind = (rest: number) => (rest < params.outDim ? rest : rest + lead);
    const route = (axis: number): Route => (axis === taken ? GONE : { to: behind(axis > taken ? axis - 1 : axis) });
    return [axesOf(shape).map(route), axesOf(index).map((axis) => ({ to: params.outDim + axis }))];
  },
};

const ELEMENTWISE =
  "add mul neg reciprocal max min exp log sin cos asin atan erf erfc sqrt floor ceil stop_gradient cast compare where idiv mod";
for (const primitive of ELEMENTWISE.split(" ")) ROUTERS[primitive] = aligned;

/** Of every operand, where its axes go; undefined where nothing is known of a primitive. */
export const routesOf = (equation: Equation, shapes: readonly (readonly number[])[]): Route[][] | undefined =>
  ROUTERS[equation.primitive]?.(equation, shapes);

export const isElementwise = (primitive: string): boolean => ROUTERS[primitive] === aligned;
