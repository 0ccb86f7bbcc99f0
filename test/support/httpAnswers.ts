/** One answer out of a stream of them. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Takes apart what a server sent on one connection, up to an upgrade. Throws where it is not HTTP. */
export function parseAnswers(received: string): HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  let rest = received;
  while (rest !== "") {
    const end = rest.indexOf("\r\n\r\n");
    const head = rest.slice(0, end);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (end === -1 || Number.isNaN(status)) throw new Error(`not an answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const { body, length } = bodyOf(head, rest.slice(end + 4));
    rest = rest.slice(end + 4 + length);
    if (status !== 100) answers.push({ status, body });
    if (status === 101) break;
  }
  return answers;
}

/** The body at the beginning of `text`, and how much of it that takes. */
function bodyOf(head: string, text: string): { readonly body: string; readonly length: number } {
  if (/^transfer-encoding: chunked$/im.test(head)) return chunkedBody(text);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
  return { body: text.slice(0, length), length };
}

function chunkedBody(text: string): { readonly body: string; readonly length: number } {
  let body = "";
  for (let at = 0; ;) {
    const [line, digits = ""] = /^([0-9a-f]+)\r\n/i.exec(text.slice(at)) ?? [];
    if (line === undefined) throw new Error(`not a chunk: ${JSON.stringify(text.slice(at, at + 200))}`);
    const size = parseInt(digits, 16);
    body += text.slice(at + line.length, at + line.length + size);
    at += line.length + size + 2;
    if (size === 0) return { body, length: at };
  }
}
