import type { ModuleMetadata } from "../types/eventTypes.ts";

export const handlerLanguages = ["typescript", "javascript"] as const;
export type HandlerLanguage = (typeof handlerLanguages)[number];

/** What a handler begins with: a line that tells of each event, or a calendar of site visits. */
export const handlerSamples = ["blank", "siteVisits"] as const;
export type HandlerSample = (typeof handlerSamples)[number];

/** What a person decided about a new handler, and what is known of the events that it is for. */
export interface HandlerPlan {
  readonly language: HandlerLanguage;
  readonly sample: HandlerSample;
  readonly port: number;
  /** At least one. */
  readonly modules: readonly ModuleMetadata[];
  /** The text of the declarations of events. */
  readonly types: string;
  /** The token of each channel that tells of these modules, by the channel's id. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How the names of a handler's sources end. */
export function extensionOf(language: HandlerLanguage): "ts" | "js" {
  return language === "typescript" ? "ts" : "js";
}

/** The file that is run, and that holds the person's code. */
export function handlerFile(language: HandlerLanguage): string {
  return `handler.${extensionOf(language)}`;
}
