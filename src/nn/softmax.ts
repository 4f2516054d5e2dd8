import { nn } from "@jax-js/jax";
import { withJacobian } from "./derivative.ts";

/** exp(x) over its sum along the last axis. Its derivative, p ⊙ (δ − Σ p ⊙ δ), is half the work of that of the quotient. */
export const softmax = withJacobian(
  (x) => nn.softmax(x, -1),
  (p, delta) => p.ref.mul(delta.ref.sub(p.mul(delta).sum(-1, { keepdims: true }))),
);
