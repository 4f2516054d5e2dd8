/** Up to this many input features they are taken for coordinates: full covariance, centres spaced over their box, longer steps of narrow Gaussians. Our choice. */
export const MAX_COORDINATES = 4;
