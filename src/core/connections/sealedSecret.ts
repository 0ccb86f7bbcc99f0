import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const [nonceBytes, tagBytes] = [12, 16];

/** Enciphers a secret, bound to its name. Base64. */
export function encipher(value: string, key: Buffer, name: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(name));
  const body = Buffer.concat([cipher.update(value, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
}

/** Undefined for what was enciphered with another key or under another name, or was never enciphered. */
export function decipher(sealed: string, key: Buffer, name: string): string | undefined {
  const bytes = Buffer.from(sealed, "base64");
  const [nonce, tag, body] = [
    bytes.subarray(0, nonceBytes),
    bytes.subarray(nonceBytes, nonceBytes + tagBytes),
    bytes.subarray(nonceBytes + tagBytes),
  ];
  try {
    const cipher = createDecipheriv(algorithm, key, nonce).setAAD(Buffer.from(name)).setAuthTag(tag);
    return Buffer.concat([cipher.update(body), cipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

/** Names a key without telling it: 16 hexadecimal digits. */
export function fingerprintOf(key: Buffer): string {
  return createHash("sha256").update("zohoCrm vault key").update(key).digest("hex").slice(0, 16);
}
