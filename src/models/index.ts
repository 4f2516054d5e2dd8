export { type CnnOptions, cnn } from "./cnn.ts";
export type { ConvolutionNonlinearity } from "./convolution-block.ts";
export { type Diffusion, type DiffusionOptions, diffusion, type SampleOptions, sampleDiffusion } from "./diffusion.ts";
export { type ElboOptions, evaluateElbo } from "./evaluate-elbo.ts";
export { type MlpOptions, mlp } from "./mlp.ts";
export { laplacian } from "./pinn.ts";
export { residualCnn } from "./residual-cnn.ts";
export { type Vae, type VaeOptions, type VaeParams, vae } from "./vae.ts";
