// How functions and curves are called in menus. Apart from the functions themselves, for the page does not compute them.
const names: Readonly<Record<string, string>> = {
  franke: "Franke's function",
  waves: "sin 2πx · sin 2πy",
  sines: "sin 4πx · sin 4πy",
  "exp-sine": "exp(sin πx + y²)",
  radius: "√(x² + y²)",
  ridge: "tanh(20 (x + y/2))",
  bessel: "exp(J₀(20x) + y²)",
  chirp: "sin 12x²",
  bumps: "Three bumps",
  step: "tanh 20x",
};

export const formulaOf = (name: string): string => names[name] ?? name;
