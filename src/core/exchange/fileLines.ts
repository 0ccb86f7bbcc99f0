import { createReadStream } from "node:fs";

/** One line of a file, and how many bytes were read when it was found. */
export interface FileLine {
  readonly text: string;
  readonly bytesRead: number;
}

/**
 * The lines of a UTF-8 file, of any size, read as they are asked for. A line ends with a line feed and with nothing else:
 * Node's own reader also ends one at characters that JSON has within strings.
 */
export async function* fileLines(file: string): AsyncGenerator<FileLine> {
  const stream = createReadStream(file, "utf8");
  let pieces: string[] = [];
  for await (const chunk of stream) {
    const [first = "", ...others] = String(chunk).split("\n");
    pieces.push(first);
    for (const next of others) {
      yield { text: pieces.join(""), bytesRead: stream.bytesRead };
      pieces = [next];
    }
  }
  yield { text: pieces.join(""), bytesRead: stream.bytesRead };
}
