/** The experiments of `gmnm reproduce`, apart from what they do, so that to name them is quick. */
export const experimentNames = [
  "functions",
  "poisson",
  "tabular",
  "images",
  "forecast",
  "attention",
  "generation",
  "components",
] as const;
