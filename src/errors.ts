/** An error the user can act on: one sentence that names the thing and the numbers. The command line prints it without a stack trace. */
export class GmnmError extends Error {
  override name = "GmnmError";
  constructor(sentence: string, options?: ErrorOptions) {
    super(`gmnm: ${onOneLine(sentence)}`, options);
  }
}

/** Text from outside as it stands in a message: never longer than a line. */
export const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** A name from outside as it stands in a message: quoted, or of which type it is instead. */
export const quote = (name: unknown): string =>
  typeof name === "string" ? JSON.stringify(shorten(name)) : typeof name;

/** What went wrong, as a part of another sentence, whatever was thrown. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return quote(cause);
  if (cause instanceof RangeError && cause.message.includes("call stack")) return "it is nested too deep";
  return cause.message.replace(/^gmnm: /, "");
}

/** Names from outside may hold line ends, or what moves a terminal's cursor. */
const onOneLine = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, "0")}`);
