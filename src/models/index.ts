export { type CnnOptions, cnn } from "./cnn.ts";
export type { ConvolutionNonlinearity } from "./convolution-block.ts";
export { type MlpOptions, mlp } from "./mlp.ts";
export { laplacian } from "./pinn.ts";
export { residualCnn } from "./residual-cnn.ts";
