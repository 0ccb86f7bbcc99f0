import { second } from "../../../src/base/clock.ts";
import type { Result } from "../../../src/base/result.ts";
import { fail, succeed } from "../../../src/base/result.ts";
import type { HttpAnswer, HttpRequest, HttpTransport } from "../../../src/zoho/httpTransport.ts";
import { networkProblem, timeoutProblem } from "../../../src/zoho/networkProblem.ts";
import { cancelledProblem, type ZohoProblem } from "../../../src/zoho/problem.ts";
import type { Caller, ListedPage } from "./playedWatchApi.ts";
import type { RequestFault, Weather } from "./weather.ts";
import type { Life, MachineTime } from "./windowClock.ts";
import type { ZohoServer } from "./zohoServer.ts";

type Answered = Result<HttpAnswer, ZohoProblem>;

/** Hears of each request as it leaves a window, when Zoho has dealt with it, and of lists that came back whole. */
export interface NetworkObserver {
  didSend(by: Caller, request: HttpRequest): void;
  didServe(by: Caller, request: HttpRequest): void;
  /** What Zoho listed with the request that it served last. */
  takeListed(): ListedPage | undefined;
  didRead(by: Caller, listed: ListedPage, servedAt: number): void;
}

export interface NetworkOptions {
  readonly machine: MachineTime & { readonly isOffline: boolean; readonly address: string };
  readonly life: Life;
  readonly caller: Caller;
  readonly server: ZohoServer;
  readonly weather: Weather;
  readonly observer: NetworkObserver;
}

/** As AxiosTransport has it, in milliseconds. */
const deadline = 30 * second;

/** The network between a window and Zoho: latency by the timeline, answers that get lost, connections that a sleep cuts. */
export class Network implements HttpTransport {
  readonly #options: NetworkOptions;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  async send(request: HttpRequest): Promise<Answered> {
    const { life, observer, caller } = this.#options;
    if (life.isOver) return new Promise(() => undefined);
    if (request.signal?.aborted === true) return fail(cancelledProblem());
    observer.didSend(caller, request);
    const { promise, resolve } = Promise.withResolvers<Answered>();
    request.signal?.addEventListener("abort", () => resolve(fail(cancelledProblem())));
    const fault = this.#options.weather.faultOf(request.method !== "GET");
    const late = this.#borrows(request) ? this.#options.weather.lateness() : undefined;
    if (this.#options.machine.isOffline) this.#drop(request, "no network", resolve);
    else if (fault === "dropped before it arrived") this.#drop(request, fault, resolve);
    else if (late !== undefined) this.#exceed(request, late, resolve);
    else this.#exchange(request, fault, resolve);
    return promise;
  }

  #drop(
    request: HttpRequest,
    why: "no network" | "dropped before it arrived",
    resolve: (answered: Answered) => void,
  ): void {
    const { weather, observer, caller } = this.#options;
    weather.count(why);
    observer.didServe(caller, request);
    this.#later(() => resolve(fail(networkProblem(why === "no network" ? "ENOTFOUND" : "ECONNRESET", host))));
  }

  /** Whether a request points a channel here that sends elsewhere. */
  #borrows({ method, body = "" }: HttpRequest): boolean {
    const { machine, server } = this.#options;
    const [, channelId = ""] = /"channel_id":"(\d+)"/.exec(body) ?? [];
    const address = server.api.get(channelId)?.notifyUrl;
    return method === "PATCH" && body.includes(`"${machine.address}"`) && address !== machine.address;
  }

  /** It is done when nobody waits for it any more. */
  #exceed(request: HttpRequest, late: number, resolve: (answered: Answered) => void): void {
    const { machine, life, server, weather, caller, observer } = this.#options;
    weather.count("done after the deadline");
    const giveUp = (): void => {
      observer.didServe(caller, request);
      if (!life.isOver) resolve(fail(timeoutProblem(host)));
    };
    machine.timeline.after(deadline, giveUp, machine);
    machine.timeline.after(deadline + late, () => server.serve(request, caller, undefined));
  }

  /** A request that is under way goes on, whoever sleeps or dies. */
  #exchange(request: HttpRequest, fault: RequestFault | undefined, resolve: (answered: Answered) => void): void {
    const { machine, server, weather, caller, observer } = this.#options;
    const { timeline, slept } = machine;
    timeline.after(weather.latency() / 2, () => {
      const served = server.serve(request, caller, fault);
      const servedAt = timeline.now;
      const listed = observer.takeListed();
      observer.didServe(caller, request);
      this.#later(() => {
        if (served === undefined || machine.slept > slept) {
          resolve(fail(networkProblem("ECONNRESET", host)));
          return;
        }
        if (listed !== undefined && served.status < 300 && fault === undefined)
          observer.didRead(caller, { ...listed, channelIds: wantedOf(request, listed.channelIds) }, servedAt);
        resolve(succeed(served));
      });
    });
  }

  /** What comes back to a window that is no more is heard by nobody. */
  #later(action: () => void): void {
    const { machine, weather, life } = this.#options;
    machine.timeline.after(weather.latency() / 2, () => life.isOver || action(), machine);
  }
}

/** A server may give more channels than the one that was asked for: nobody has to learn from those. */
function wantedOf({ url }: HttpRequest, listed: ReadonlySet<string>): ReadonlySet<string> {
  const wanted = new URL(url).searchParams.get("channel_id");
  return wanted === null ? listed : new Set([wanted].filter(each => listed.has(each)));
}

const host = "www.zohoapis.eu";
