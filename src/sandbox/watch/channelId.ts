/** Whether a text is the digits of a signed 64-bit number, which is what channel ids are. */
export function isChannelId(text: string): boolean {
  if (!/^-?\d{1,19}$/.test(text)) return false;
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}
