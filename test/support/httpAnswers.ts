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
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    rest = rest.slice(end + 4 + length);
    if (status !== 100) answers.push({ status, body });
    if (status === 101) break;
  }
  return answers;
}
