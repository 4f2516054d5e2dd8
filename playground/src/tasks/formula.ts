// Formulas that people type: parsed by jsep, checked against a list of what there is, and turned into functions by hand. Nothing is ever run as code.
import jsep from "jsep";

/** A formula that was understood. `at` takes the variables in their order. */
export type Formula = { text: string; at: (...values: number[]) => number };

/** Why a formula was not understood, in one sentence. */
export class FormulaError extends Error {}

const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, π: Math.PI, e: Math.E };
const FUNCTIONS: Readonly<Record<string, { of: (...args: number[]) => number; takes: number }>> = {
  ...Object.fromEntries(
    (
      [
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "exp",
        "log",
        "sqrt",
        "abs",
        "sign",
        "floor",
        "round",
      ] as const
    ).map((name) => [name, { of: Math[name], takes: 1 }]),
  ),
  min: { of: Math.min, takes: 2 },
  max: { of: Math.max, takes: 2 },
  pow: { of: Math.pow, takes: 2 },
  step: { of: (x) => Number(x > 0), takes: 1 },
  gauss: { of: (x) => Math.exp(-x * x), takes: 1 },
};
const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
};

/** Names a formula may use, for messages and help. */
export const formulaNames = [...Object.keys(CONSTANTS), ...Object.keys(FUNCTIONS)];

const MAX_LENGTH = 200;

type Node = { type: string; [key: string]: unknown };
type Parser = {
  index: number;
  code: number;
  gobbleSpaces(): void;
  gobbleToken(): Node | false;
  gobbleNumericLiteral(): Node;
};

// jsep knows JavaScript's operators; a formula has others. A power binds tighter than a sign before it, and from right to left, so it is taken
// together with the token before it.
jsep.removeAllBinaryOps();
jsep.removeAllUnaryOps();
jsep.removeAllLiterals();
for (const operator of ["+", "-"]) jsep.addBinaryOp(operator, 9);
for (const operator of ["*", "/"]) jsep.addBinaryOp(operator, 10);
for (const operator of ["-", "+"]) jsep.addUnaryOp(operator);
const hooks = jsep.hooks as unknown as {
  add(name: string, hook: (this: Parser, env: { node?: Node | false }) => void): void;
};
hooks.add("gobble-token", function (env) {
  // By itself jsep calls no hook after a number.
  if (/[\d.]/.test(String.fromCharCode(this.code))) env.node = this.gobbleNumericLiteral();
});
hooks.add("after-token", function (env) {
  if (!env.node) return;
  this.gobbleSpaces();
  if (this.code !== "^".charCodeAt(0)) return;
  this.index++;
  const right = this.gobbleToken();
  if (!right) throw new FormulaError("there is nothing after ^");
  env.node = { type: "BinaryExpression", operator: "^", left: env.node, right };
});

type Evaluator = (values: readonly number[]) => number;

/**
 * Understands a formula such as "sin(3*x) * exp(-y^2)".
 *
 * @param variables their names, in the order in which `at` takes them.
 * @throws FormulaError, one sentence, for anything else.
 */
export function parseFormula(text: string, variables: readonly string[]): Formula {
  if (text.trim() === "") throw new FormulaError("there is no formula");
  if (text.length > MAX_LENGTH)
    throw new FormulaError(`a formula has at most ${MAX_LENGTH} characters, this one has ${text.length}`);
  const evaluate = compile(parse(text), variables);
  return { text, at: (...values) => evaluate(values) };
}

function parse(text: string): Node {
  try {
    return jsep(text.replaceAll("·", "*").replaceAll("−", "-").replaceAll("**", "^")) as unknown as Node;
  } catch (error) {
    if (error instanceof FormulaError) throw error;
    const { index, description } = error as { index?: number; description?: string };
    const where = index === undefined ? "" : ` at character ${index + 1}`;
    // In what jsep says stands what was typed, which may have several lines.
    const said = (description ?? String(error)).toLowerCase().replaceAll(/\s+/g, " ");
    throw new FormulaError(`not a formula${where}: ${said.replace(/ at character.*/, "")}`);
  }
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

function compile(node: Node, variables: readonly string[]): Evaluator {
  const inner = (child: unknown) => compile(child as Node, variables);
  switch (node.type) {
    case "Literal": {
      const { value } = node;
      if (typeof value !== "number") throw new FormulaError(`a formula has numbers, not ${JSON.stringify(value)}`);
      return () => value;
    }
    case "Identifier": {
      const name = String(node.name);
      const at = variables.indexOf(name);
      if (at >= 0) return (values) => values[at];
      const constant = own(CONSTANTS, name);
      if (constant !== undefined) return () => constant;
      if (own(FUNCTIONS, name)) throw new FormulaError(`${name} needs brackets: ${name}(x)`);
      throw new FormulaError(`there is no ${name}; the variables are ${variables.join(" and ")}`);
    }
    case "UnaryExpression": {
      const argument = inner(node.argument);
      return node.operator === "-" ? (values) => -argument(values) : argument;
    }
    case "BinaryExpression": {
      const operation = own(BINARY, String(node.operator));
      if (!operation) throw new FormulaError(`there is no operator ${node.operator}`);
      const [left, right] = [inner(node.left), inner(node.right)];
      return (values) => operation(left(values), right(values));
    }
    case "CallExpression": {
      const callee = node.callee as Node;
      const name = callee.type === "Identifier" ? String(callee.name) : "";
      const known = own(FUNCTIONS, name);
      if (!known)
        throw new FormulaError(
          name
            ? `there is no function ${name}; there are ${Object.keys(FUNCTIONS).join(", ")}`
            : "only functions by name can be called",
        );
      const args = (node.arguments as unknown[]).map(inner);
      if (args.length !== known.takes)
        throw new FormulaError(`${name} takes ${known.takes} number${known.takes > 1 ? "s" : ""}, got ${args.length}`);
      return (values) => known.of(...args.map((argument) => argument(values)));
    }
    case "Compound":
      throw new FormulaError("there is an operator missing between two parts");
    default:
      throw new FormulaError("a formula has numbers, variables, functions and + − * / ^ only");
  }
}
