import "@vscode/codicons/dist/codicon.css";
import "./inspector.css";
import { systemClock } from "../base/clock.ts";
import { HostConnection } from "./page/hostConnection.ts";
import { InspectorPage } from "./page/inspectorPage.ts";
import { loadStrings } from "./page/strings.ts";
import { useLanguage } from "./text/format.ts";

/** The page's shell, made by the host, has this one element. */
const root = document.getElementById("inspector");
if (root === null) throw new Error("The page has no element with the id inspector.");

// Before anything is made: what is made says its words once.
loadStrings(document.getElementById("l10n")?.textContent ?? "");
useLanguage(document.documentElement.lang);

const editor = acquireVsCodeApi();
const host = new HostConnection(message => editor.postMessage(message), systemClock);
const page = new InspectorPage(host, systemClock, editor);

root.append(page.element);
window.addEventListener("message", event => host.receive(event.data));
window.addEventListener("focus", () => page.takeFocus());
page.start();
