import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { fileEncoding } from "../../base/bytes.ts";

/** One line of a file, and how many bytes were read when it was found. */
export interface FileLine {
  readonly text: string;
  readonly bytesRead: number;
}

/**
 * The lines of a file in UTF-8, or in UTF-16 with a byte order mark, of any size, read as they are asked for. A line ends with a line feed and with nothing else:
 * Node's own reader also ends one at characters that JSON has within strings.
 */
export async function* fileLines(file: string): AsyncGenerator<FileLine> {
  const decoder = new TextDecoder(fileEncoding(await beginningOf(file, 2)));
  const stream = createReadStream(file);
  let pieces: string[] = [];
  for await (const chunk of stream) {
    const [first = "", ...others] = decoder.decode(chunk as Buffer, { stream: true }).split("\n");
    pieces.push(first);
    for (const next of others) {
      yield { text: pieces.join(""), bytesRead: stream.bytesRead };
      pieces = [next];
    }
  }
  yield { text: pieces.join(""), bytesRead: stream.bytesRead };
}

/** The first bytes of a file, up to a length. */
export async function beginningOf(file: string, length: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(length), position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
