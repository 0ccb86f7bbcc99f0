/** How many bytes a line shows. */
export const lineBytes = 16;

/** Bytes as a line of `00000010  48 65 6c 6c 6f …  Hello`, at most {@link lineBytes}. */
export function hexLine(bytes: Uint8Array, offset: number): string {
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, "0"));
  const text = Array.from(bytes, byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
  const left = hex.slice(0, 8).join(" ").padEnd(23);
  const right = hex.slice(8).join(" ").padEnd(23);
  return `${offset.toString(16).padStart(8, "0")}  ${left}  ${right}  ${text.join("")}`;
}

/** The bytes that a Base64 text stands for. */
export function decodeBase64(text: string): Uint8Array {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < characters.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}
