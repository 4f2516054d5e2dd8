// What a setting may be, how it is written in an address, and how it is read back. Whatever does not fit is not read.

/** A setting: where it starts, and its text in an address. `read` returns undefined for a text that does not fit. */
export type Field<T> = {
  readonly initial: T;
  read(text: string): T | undefined;
  write(value: T): string;
};

export type ChoiceField<T extends string> = Field<T> & { readonly choices: readonly T[] };
export type NumberField = Field<number> & { readonly min: number; readonly max: number };

/** One of some words. */
export const choice = <const T extends string>(choices: readonly T[], initial: T): ChoiceField<T> => ({
  initial,
  choices,
  read: (text) => choices.find((word) => word === text),
  write: (value) => value,
});

/** A number within bounds. */
export const number = (min: number, max: number, initial: number): NumberField => ({
  initial,
  min,
  max,
  read(text) {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    return value >= min && value <= max ? value : undefined;
  },
  write: String,
});

/** A whole number within bounds. */
export const whole = (min: number, max: number, initial: number): NumberField => {
  const field = number(min, max, initial);
  const read = (text: string) => {
    const value = field.read(text);
    return Number.isSafeInteger(value) ? value : undefined;
  };
  return { ...field, read };
};

/** Yes or no. */
export const flag = (initial: boolean): Field<boolean> => ({
  initial,
  read: (text) => (text === "1" ? true : text === "0" ? false : undefined),
  write: (value) => (value ? "1" : "0"),
});

/** A short text. */
export const text = (maxLength: number, initial: string): Field<string> => ({
  initial,
  read: (value) => (value.length > 0 && value.length <= maxLength ? value : undefined),
  write: (value) => value,
});

type Fields = Readonly<Record<string, Field<unknown>>>;
/** The values that a table of fields describes. */
export type Values<F extends Fields> = { -readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** Every field at its start. */
export const initialValues = <F extends Fields>(fields: F): Values<F> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.initial])) as unknown as Values<F>;
