/** Bytes as lines of `00000010  48 65 6c 6c 6f …  Hello`, sixteen a line. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += 16)
    lines.push(hexLine(bytes.subarray(offset, offset + 16), offset));
  return lines.join("\n");
}

function hexLine(bytes: Uint8Array, offset: number): string {
  const hex = Array.from(bytes, byte => byte.toString(16).padStart(2, "0"));
  const text = Array.from(bytes, byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."));
  const left = hex.slice(0, 8).join(" ").padEnd(23);
  const right = hex.slice(8).join(" ").padEnd(23);
  return `${offset.toString(16).padStart(8, "0")}  ${left}  ${right}  ${text.join("")}`;
}

/** The bytes that a Base64 text stands for. */
export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}
