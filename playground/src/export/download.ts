/** Gives bytes to the user as a file. */
export function download(name: string, bytes: Uint8Array<ArrayBuffer> | Blob, type = "application/octet-stream"): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes instanceof Blob ? bytes : new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
