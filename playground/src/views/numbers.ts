// Numbers as people read them.
import { showDate } from "../../../src/table/dates.ts";
import { signedExp } from "../../../src/table/statistics.ts";
import type { Axis } from "../tasks/problem.ts";

/** A share as a percentage with two significant digits: 0.4 %, 12 %. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const value = 100 * share;
  if (value >= 1000) return "> 999 %";
  if (value >= 9.95) return `${Math.round(value)} %`;
  if (value >= 0.995) return `${value.toFixed(1)} %`;
  return value === 0 ? "0 %" : `${value.toPrecision(value < 0.001 ? 1 : 2)} %`;
}

/** Three significant digits, with a minus sign. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  return text.replace("-", "−");
}

/** A number that models see in the user's units. */
export function inUnits(value: number, { mean, std, scale }: Axis): string {
  const inside = mean + std * value;
  if (scale === "date") return showDate(Math.round(inside));
  return short(scale === "signedLog" ? signedExp(inside) : inside);
}

/** From where to where an axis goes. */
export const axisText = (axis: Axis): string => `${axis.name} ${inUnits(axis.low, axis)} … ${inUnits(axis.high, axis)}`;

/** With thin spaces between thousands. */
export const whole = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, " ");
