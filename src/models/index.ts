export { type MlpOptions, mlp } from "./mlp.ts";
export { laplacian } from "./pinn.ts";
