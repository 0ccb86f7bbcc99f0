import type { Frame } from "playwright-core";
import * as v from "valibot";

const violationsSchema = v.array(v.string());

/**
 * Content that a page's security policy kept from loading or running: what the browser reports to the page itself, from
 * its beginning on. Markup or a script that came in as data and was taken for part of the page shows up here.
 */
export class CspWatch {
  readonly #frame: Frame;

  private constructor(frame: Frame) {
    this.#frame = frame;
  }

  static async on(frame: Frame): Promise<CspWatch> {
    await frame.evaluate(`(() => {
      globalThis.zcnViolations = [];
      const note = ({ blockedURL, effectiveDirective }) =>
        globalThis.zcnViolations.push(effectiveDirective + " " + blockedURL);
      new ReportingObserver(reports => reports.forEach(({ body }) => note(body)), {
        types: ["csp-violation"],
        buffered: true,
      }).observe();
    })()`);
    return new CspWatch(frame);
  }

  async violations(): Promise<string[]> {
    return v.parse(violationsSchema, await this.#frame.evaluate("globalThis.zcnViolations"));
  }

  /** Has the page do what its policy forbids: the watch that does not see this one sees none. */
  async provoke(): Promise<void> {
    await this.#frame.evaluate(`new Promise(resolve => {
      addEventListener("securitypolicyviolation", () => setTimeout(resolve, 50), { once: true });
      const image = document.createElement("img");
      image.src = "https://forbidden.invalid/x.png";
      document.body.append(image);
      image.remove();
    })`);
  }
}
