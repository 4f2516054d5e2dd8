// Texts that cells may hold: dates in every form, nearly dates, numbers, nearly numbers, and ways to say nothing.
import fc from "fast-check";

const pad = (value: number) => String(value).padStart(2, "0");
const month = fc.constantFrom("Jan", "feb", "MAR", "April", "may", "Sept", "september", "Dec", "Decembre", "foo");
const time = fc
  .tuple(
    fc.constantFrom("", "T", " ", ", "),
    fc.nat(25),
    fc.nat(61),
    fc.constantFrom("", ":07", ":59.25", ":60", ":5"),
    fc.constantFrom("", "Z", " z", "+02:00", "-0530", "+2"),
  )
  .map(([gap, h, m, s, zone]) => (gap === "" ? "" : `${gap}${h}:${pad(m)}${s}${zone}`));
const date = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.nat(13), fc.nat(32), month, fc.nat(6), time)
  .map(([year, m, d, name, form, clock]) => {
    const y = String(year).padStart(4, "0");
    const forms = [
      `${y}-${pad(m)}-${pad(d)}`,
      `${y}-${m}`,
      `${y}/${m}/${d}`,
      `${d}.${m}.${y}`,
      `${d} ${name} ${y}`,
      `${name} ${d}, ${y}`,
      `${name} ${y}`,
    ];
    return forms[form] + clock;
  });
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }).map(String),
  fc.constantFrom(
    "1e5",
    "+3",
    ".5",
    "5.",
    "-.5E-3",
    "0x10",
    "1_000",
    "1,5",
    "Infinity",
    "1e999",
    "--1",
    "1e",
    ".",
    "１２",
  ),
);
const missing = fc.constantFrom("", " ", "NA", "n/a", "NaN", "null", "?", "-", "NULL", "none");

/** Any of them, with spaces around it now and then. */
export const cellText = fc
  .tuple(fc.oneof(date, number, missing, fc.string({ maxLength: 8 })), fc.constantFrom("", " ", "\t"))
  .map(([text, space]) => `${space}${text}${space}`);
