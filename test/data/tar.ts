/** A tar archive of these entries, as POSIX has it: name, contents, and a type other than a file's. */
export function encodeTar(
  entries: readonly (readonly [name: string, contents: Uint8Array, type?: string])[],
): Uint8Array {
  const blocks = entries.flatMap(([name, contents, type = "0"]) => {
    const header = new Uint8Array(512);
    const put = (text: string, at: number) => header.set(new TextEncoder().encode(text), at);
    put(name, 0);
    put(contents.length.toString(8).padStart(11, "0"), 124);
    put("        ", 148);
    put(type, 156);
    put("ustar\x0000", 257);
    put(
      `${header
        .reduce((a, b) => a + b)
        .toString(8)
        .padStart(6, "0")}\0 `,
      148,
    );
    const padded = new Uint8Array(Math.ceil(contents.length / 512) * 512);
    padded.set(contents);
    return [header, padded];
  });
  return Buffer.concat([...blocks, new Uint8Array(1024)]);
}
