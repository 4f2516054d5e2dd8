// Loops over float32 arrays as WebAssembly, four numbers at a time. Encoded here, for the encoders on npm take 45 to 90 ms to load: more than a
// step takes to compile.

/** Operators of a loop, by their ONNX names: the bytes after the SIMD prefix. */
const F32X4 = { Neg: 0xe1, Sqrt: 0xe3, Add: 0xe4, Sub: 0xe5, Mul: 0xe6, Div: 0xe7 } as const;
export type LoopOp = keyof typeof F32X4;
export const isLoopOp = (op: string): op is LoopOp => Object.hasOwn(F32X4, op);

/** What an array gives to a loop: its number at the loop's place, or, where it has one number only, always that one. */
export type Read = "each" | "same";

/**
 * For every place of some arrays: reads numbers, computes others from them, and writes some of these into further arrays. Registers hold the
 * numbers: first those read, then the constants, then one per step.
 */
export interface Loop {
  readonly reads: readonly Read[];
  readonly constants: readonly number[];
  readonly steps: readonly { readonly op: LoopOp; readonly registers: readonly number[] }[];
  /** Registers, one per array that is written. */
  readonly writes: readonly number[];
  /** Registers whose numbers are added up, one per array of a single number; in double precision, for there may be millions. */
  readonly sums: readonly number[];
}

/** Runs a loop over so many numbers; the arrays by their addresses: those read, those written, the sums. */
export type CompiledLoop = (length: number, ...addresses: number[]) => void;

/** Loops take four numbers at once and at least once, so they run over no empty array, and arrays start at multiples of as many bytes and have room for a multiple of them. */
const VECTOR_BYTES = 16;
const vectorBytes = (length: number): number => Math.ceil((length * 4) / VECTOR_BYTES) * VECTOR_BYTES;

/**
 * Arrays in a memory that loops reach, all zeros; undefined where a memory cannot be as large, as from 4 GiB on.
 *
 * @param options - shared: other threads reach them, too.
 */
export function allocate(
  lengths: readonly number[],
  { shared = false }: { shared?: boolean } = {},
): { memory: WebAssembly.Memory; arrays: Float32Array<ArrayBuffer>[] } | undefined {
  let end = 0;
  const starts = lengths.map((length) => {
    end += vectorBytes(length);
    return end - vectorBytes(length);
  });
  const pages = Math.ceil(end / PAGE_BYTES);
  if (pages > MAX_PAGES) return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    // As most of TypeScript has it: arrays over shared memory are used like others.
    const buffer = memory.buffer as ArrayBuffer;
    return { memory, arrays: lengths.map((length, i) => new Float32Array(buffer, starts[i], length)) };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What WebAssembly counts memory in, and how much of it a 32-bit address reaches. */
const [PAGE_BYTES, MAX_PAGES] = [65536, 65536];

/** Compiles loops over arrays in a memory. Equal loops are compiled once. */
export function compileLoops(loops: readonly Loop[], memory: WebAssembly.Memory): CompiledLoop[] {
  const functions = loops.map((loop) => ({ body: functionBody(loop), parameters: addressCount(loop) + 1 }));
  const distinct = new Map(functions.map((one) => [`${one.body}`, one]));
  const names = new Map([...distinct.keys()].map((key, i) => [key, `${i}`]));
  const module = new WebAssembly.Module(moduleBytes([...distinct.values()], memory));
  const { exports } = new WebAssembly.Instance(module, { "": { "": memory } });
  return functions.map(({ body }) => {
    const run = exports[names.get(`${body}`)!] as CompiledLoop;
    return (length, ...addresses) => run(length * 4, ...addresses);
  });
}

/** A function of so many whole numbers. */
type Encoded = { readonly body: readonly number[]; readonly parameters: number };

/** A module that imports a memory and exports its functions by number: https://webassembly.github.io/spec/core/binary. */
function moduleBytes(functions: readonly Encoded[], { buffer }: WebAssembly.Memory): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [FUNC, ...list(Array(parameters).fill([I32])), ...unsigned(0)]);
  const isShared = !(buffer instanceof ArrayBuffer);
  const limits = isShared ? [3, ...unsigned(0), ...unsigned(MAX_PAGES)] : [0, ...unsigned(0)];
  const memory = [...name(""), ...name(""), MEMORY, ...limits];
  const exported = functions.map((_, i) => [...name(`${i}`), FUNCTION, ...unsigned(i)]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(functions.map((_, i) => unsigned(i)))),
    ...section(7, list(exported)),
    ...section(10, list(functions.map(({ body }) => sized(body)))),
  ]);
}

const [FUNC, I32, V128] = [0x60, 0x7f, 0x7b];
const [FUNCTION, MEMORY] = [0x00, 0x02];

const addressCount = ({ reads, writes, sums }: Loop): number => reads.length + writes.length + sums.length;

/** Parameters: bytes of an array, addresses. Locals: the bytes done, the registers, a sum in two parts each, which numbers count, and those. */
function functionBody(loop: Loop): number[] {
  const { reads, constants, steps, writes, sums } = loop;
  const done = addressCount(loop) + 1;
  const registers = reads.length + constants.length + steps.length;
  const register = (i: number) => get(done + 1 + i);
  const setRegister = (i: number) => set(done + 1 + i);
  const address = (i: number) => get(1 + i);
  const place = (i: number) => [...address(i), ...get(done), I32_ADD];
  const loads = (wanted: Read) =>
    reads.flatMap((read, i) => {
      if (read !== wanted) return [];
      return [...(read === "same" ? [...address(i), ...LOAD_SAME] : [...place(i), ...LOAD]), ...setRegister(i)];
    });
  const fixed = constants.flatMap((value, i) => [...constant(value), ...setRegister(reads.length + i)]);
  const computed = steps.flatMap(({ op, registers }, i) => [
    ...registers.flatMap(register),
    ...simd(F32X4[op]),
    ...setRegister(reads.length + constants.length + i),
  ]);
  const stores = writes.flatMap((source, i) => [...place(reads.length + i), ...register(source), ...STORE]);
  const total = (i: number) => done + 1 + registers + i;
  const [mask, masked] = [total(sums.length), total(sums.length) + 1];
  // Behind the end of an array lie other numbers.
  const places = [...get(done), ...SPLAT, ...PLACES, ...ADD_WHOLE];
  const masking = sums.length > 0 ? [...places, ...get(0), ...SPLAT, ...LESS_WHOLE, ...set(mask)] : [];
  const added = sums.flatMap((source, i) => [
    ...[...register(source), ...get(mask), ...AND, ...set(masked)],
    ...[...get(total(i)), ...get(masked), ...DOUBLE, ...ADD_DOUBLE],
    ...[...get(masked), ...get(masked), ...UPPER_HALF, ...DOUBLE, ...ADD_DOUBLE, ...set(total(i))],
  ]);
  const summed = sums.flatMap((_, i) => [
    ...[...address(reads.length + writes.length + i), ...get(total(i)), ...LANE, 0, ...get(total(i)), ...LANE, 1],
    ...[F64_ADD, F32_DEMOTE, ...STORE_ONE],
  ]);
  const next = [...get(done), I32_CONST, VECTOR_BYTES, I32_ADD, ...tee(done), ...get(0), I32_LESS];
  return [
    ...list([
      [...unsigned(1), I32],
      [...unsigned(registers + (sums.length > 0 ? sums.length + 2 : 0)), V128],
    ]),
    ...[...loads("same"), ...fixed],
    ...[LOOP, NOTHING, ...loads("each"), ...computed, ...stores, ...masking, ...added],
    ...[...next, BRANCH_IF, ...unsigned(0), END, ...summed, END],
  ];
}

/** A whole number in base 128, least significant digit first; all but the last have the high bit. */
const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
const sized = (bytes: readonly number[]): number[] => [...unsigned(bytes.length), ...bytes];
const list = (items: readonly (readonly number[])[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, bytes: readonly number[]): number[] => [id, ...sized(bytes)];
const name = (text: string): number[] => sized([...new TextEncoder().encode(text)]);

const [LOOP, NOTHING, BRANCH_IF, END] = [0x03, 0x40, 0x0d, 0x0b];
const [I32_CONST, I32_ADD, I32_LESS] = [0x41, 0x6a, 0x49];
const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];
const tee = (local: number): number[] => [0x22, ...unsigned(local)];
const simd = (op: number): number[] => [0xfd, ...unsigned(op)];
// The two last numbers: the power of two that the address is a multiple of, and what is added to it.
const LOAD = [...simd(0x00), 4, 0];
const LOAD_SAME = [...simd(0x09), 2, 0];
const STORE = [...simd(0x0b), 4, 0];
const constant = (value: number): number[] => [
  ...simd(0x0c),
  ...new Uint8Array(Float32Array.from([value, value, value, value]).buffer),
];
// Of a vector, which of its numbers' places come before the end of an array.
const [SPLAT, ADD_WHOLE, LESS_WHOLE, AND] = [0x11, 0xae, 0x3a, 0x4e].map(simd);
const PLACES = [...simd(0x0c), ...new Uint8Array(Int32Array.from([0, 4, 8, 12]).buffer)];
// Its lower and its upper two numbers in double precision.
const [DOUBLE, ADD_DOUBLE, LANE] = [0x5f, 0xf0, 0x21].map(simd);
const UPPER_HALF = [...simd(0x0d), ...[8, 9, 10, 11, 12, 13, 14, 15], ...[8, 9, 10, 11, 12, 13, 14, 15]];
const [F64_ADD, F32_DEMOTE] = [0xa0, 0xb6];
const STORE_ONE = [0x38, 2, 0];
