/** The first part of an HTTP answer, read from its bytes. */
export interface AnswerHead {
  readonly status: number;
  /** Names and values by turns, as they came, but for those that say how the connection goes on, if it does. */
  readonly headers: readonly string[];
  /** Bytes of the body; undefined where it goes to the end of the connection. */
  readonly length: number | undefined;
}

type Header = readonly [name: string, value: string];

/** Reads the text before the empty line of an answer, a byte to a character; undefined where that is not HTTP. */
export function parseAnswerHead(text: string): AnswerHead | undefined {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (status === undefined) return undefined;
  const headers = lines.map(parseHeader).filter(header => header !== undefined);
  const length = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  return {
    status: Number(status),
    headers: headers.filter(header => !keepsAlive(header)).flat(),
    length: length === undefined ? undefined : Number(length),
  };
}

function parseHeader(line: string): Header | undefined {
  const [, name, value] = /^([^:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  return name === undefined || value === undefined ? undefined : [name, value];
}

/** Of one connection only: whoever passes the answer on speaks for another. That it ends is for both. */
function keepsAlive([name, value]: Header): boolean {
  const lower = name.toLowerCase();
  return lower === "keep-alive" || (lower === "connection" && value.toLowerCase() !== "close");
}
